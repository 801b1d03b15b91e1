/**
 * A certificate and its key as an item of the keystore: the private key (PKCS#8), the certificate
 * and its chain, concatenated in DER. Each part has its own length, and the item with a 2,048-bit
 * RSA key fits into the size limit of an item on Windows (docs/formats.md, "Certificates").
 */

import { VaultError } from "../../errors.ts";
import type { Keyring } from "../../keyring.ts";
import { commandLine, quote } from "../../text.ts";
import { certificateName } from "../key_names.ts";
import { parseCertificate } from "./certificate.ts";
import { parseDer } from "./asn1.ts";
import { type Forge, loadForge, toBinary } from "./forge.ts";
import type { CertificateIdentity } from "./identity.ts";
import { parsePkcs8 } from "./private_key.ts";

/** Stores a certificate with its key, replacing the previous one. */
export async function writeCertificate(
  keyring: Keyring,
  profile: string,
  { key, certificate, chain }: CertificateIdentity,
): Promise<void> {
  const parts = [key.pkcs8, certificate.der, ...chain.map(({ der }) => der)];
  const data = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  const label = `aws-vault certificate (${profile})`;
  await keyring.set(certificateName(profile), { data, label, standsAlone: true });
}

/** The certificate of a profile, or `undefined` if none is stored. Throws `damaged-item`. */
export async function readCertificate(
  keyring: Keyring,
  profile: string,
): Promise<CertificateIdentity | undefined> {
  const data = await keyring.get(certificateName(profile));
  if (data === undefined) return undefined;
  try {
    return decode(await loadForge(), Uint8Array.from(data));
  } catch (cause) {
    throw new VaultError(
      "damaged-item",
      `Cannot read the stored certificate of profile ${quote(profile)}: it is damaged`,
      {
        hints: [
          "It was left in place; replace it: " +
          commandLine(["add", "--certificate", "cert.pem", "--private-key", "key.pem"], profile),
        ],
        cause,
      },
    );
  }
}

function decode(forge: Forge, data: Uint8Array<ArrayBuffer>): CertificateIdentity {
  const [key, certificate, ...chain] = [...parts(data)];
  return {
    key: parsePkcs8(forge, parseDer(forge, toBinary(key!))),
    certificate: parseCertificate(forge, certificate!),
    chain: chain.map((der) => parseCertificate(forge, der)),
  };
}

/** Splits the data into consecutive sequences (X.690, 8.1.3). */
function* parts(data: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < data.length;) {
    const first = data[at + 1] ?? 0;
    const more = first < 0x80 ? 0 : first & 0x7f;
    let length = more === 0 ? first : 0;
    for (let i = 0; i < more; i++) length = length * 256 + (data[at + 2 + i] ?? 0);
    const end = at + 2 + more + length;
    if (data[at] !== 0x30 || end > data.length) throw new RangeError("the item is cut");
    yield data.slice(at, end);
    at = end;
  }
}
