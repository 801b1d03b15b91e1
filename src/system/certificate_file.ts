import { HttpFailure } from "../http.ts";
import { quote } from "../text.ts";
import { FileRefusal } from "./file_failure.ts";
import { readPlainFile } from "./plain_file.ts";
import { readRawVariable } from "./process_environment.ts";

/**
 * Throws `HttpFailure` where the runtime cannot be let read what `SSL_CERT_FILE` names: a pipe, a device or a
 * huge file, which it reads to an end that may never come, and a damaged certificate, which it leaves out
 * with a line and its bytes on the terminal.
 */
export function refuseUnusableCertificates(): void {
  const path = readRawVariable("SSL_CERT_FILE");
  if (!path) return;
  try {
    const text = new TextDecoder("latin1").decode(readPlainFile(path));
    if (!areWhole(text)) throw new FileRefusal("a certificate in it is damaged");
  } catch (cause) {
    // What is missing or a folder is refused by the runtime, in words of its own.
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

/** Whether bytes have the outer form of a certificate (RFC 5280, 4.1): a sequence of three, each whole. */
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

/** Where a part of DER (X.690) has its content; `undefined` for another one, or one that is cut. */
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
