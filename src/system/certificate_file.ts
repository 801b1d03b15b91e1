import { HttpFailure } from "../http.ts";
import { quote } from "../text.ts";
import { FileRefusal } from "./file_failure.ts";
import { readPlainFile } from "./plain_file.ts";
import { readRawVariable } from "./process_environment.ts";

/**
 * Throws `HttpFailure` if the runtime must not read the file in `SSL_CERT_FILE`: a pipe, a device or a huge
 * file, which it would read to an end that may never come, or a damaged certificate, which it skips and
 * dumps to the terminal.
 */
export function refuseUnusableCertificates(): void {
  const path = readRawVariable("SSL_CERT_FILE");
  if (!path) return;
  try {
    const text = new TextDecoder("latin1").decode(readPlainFile(path));
    if (!areWhole(text)) throw new FileRefusal("a certificate in it is damaged");
  } catch (cause) {
    // The runtime itself refuses a missing file or a folder, with its own message.
    if (!(cause instanceof FileRefusal)) return;
    throw new HttpFailure("untrusted", `SSL_CERT_FILE names ${quote(path)}: ${cause.message}`, {
      cause,
    });
  }
}

const PEM = /-----BEGIN CERTIFICATE-----([^-]*)(-----END CERTIFICATE-----)?/g;

function areWhole(text: string): boolean {
  for (const [, body = "", end] of text.matchAll(PEM)) {
    if (end === undefined || !isCertificate(decode(body))) return false;
  }
  return true;
}

function decode(base64: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(base64);
  } catch {
    return new Uint8Array();
  }
}

const SEQUENCE = 0x30;
const BIT_STRING = 0x03;

/** Whether bytes have the outer form of a certificate (RFC 5280, 4.1): a sequence of three whole parts. */
function isCertificate(der: Uint8Array): boolean {
  const whole = partOf(der, 0, SEQUENCE);
  if (whole?.end !== der.length) return false;
  let at = whole.start;
  for (const tag of [SEQUENCE, SEQUENCE, BIT_STRING]) {
    const part = partOf(der, at, tag);
    if (part === undefined) return false;
    at = part.end;
  }
  return at === der.length;
}

/** Where the content of a DER part (X.690) is; `undefined` for another tag, or a truncated part. */
function partOf(
  der: Uint8Array,
  at: number,
  tag: number,
): { start: number; end: number } | undefined {
  if (der[at] !== tag) return undefined;
  const short = der[at + 1] ?? 0x80;
  const count = short & 0x7f;
  if (short < 0x80) return { start: at + 2, end: at + 2 + short };
  if (count === 0 || count > 4) return undefined;
  const start = at + 2 + count;
  const length = der.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
  return start + length <= der.length ? { start, end: start + length } : undefined;
}
