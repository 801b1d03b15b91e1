import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { quote } from "../text.ts";

const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";

/**
 * Reads the certificates of a `ca_bundle` file (PEM), each as a separate text. Text between
 * certificates is omitted.
 *
 * Throws `file-failed` if the file is missing or unreadable, and `bad-config` if it has no whole
 * certificate: the runtime would silently trust no additional certificate, and the TLS error that
 * follows would not name the file.
 */
export function readCaBundle(deps: Pick<Host, "files">, path: string): string[] {
  const text = deps.files.readText(path);
  const hints = ["ca_bundle or AWS_CA_BUNDLE names this file"];
  if (text === undefined) {
    throw new VaultError(
      "file-failed",
      `Cannot read the certificates in ${quote(path)}: no such file`,
      {
        hints,
      },
    );
  }
  const certificates = splitCertificates(text);
  if (certificates === undefined || certificates.length === 0) {
    throw new VaultError(
      "bad-config",
      `Cannot use the certificates in ${quote(path)}: ${
        certificates === undefined ? "one of them is damaged" : "there are none"
      }`,
      { hints: [...hints, "It must contain certificates in PEM format (BEGIN CERTIFICATE)"] },
    );
  }
  return certificates;
}

/** `undefined` if a certificate has no end or is not Base64. */
function splitCertificates(text: string): string[] | undefined {
  const [, ...parts] = text.split(BEGIN);
  const certificates = parts.map((part) => {
    const end = part.indexOf(END);
    const body = part.slice(0, end).trim();
    return end >= 0 && /^[A-Za-z0-9+/=\s]+$/.test(body) ? `${BEGIN}\n${body}\n${END}\n` : undefined;
  });
  const whole = certificates.filter((certificate) => certificate !== undefined);
  return whole.length === certificates.length ? whole : undefined;
}
