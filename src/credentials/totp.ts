/** One-time codes of virtual MFA devices: RFC 6238 with SHA-1, six digits and windows of 30 seconds. */

import { Secret } from "../secret.ts";

/** How long a device shows a code, in milliseconds. */
export const WINDOW_MS = 30_000;

/** AWS's seeds have 64 characters; RFC 4226 (section 4, R6) requires at least 128 bits. */
const SHORTEST_SEED = 16;

/**
 * The base32 seed in a pasted text: the seed with blanks or hyphens, in any case, as IAM's "Show
 * secret key" and apps show it, or the `otpauth://totp/…` line of a QR code. `undefined` if it is
 * neither, or if the line specifies other codes than AWS's.
 */
export function parseTotpSeed(text: Secret): Secret | undefined {
  const given = text.reveal().trim();
  const seed = /^otpauth:/i.test(given) ? seedOfUri(given) : given;
  const plain = seed?.replace(/[\s-]/g, "").replace(/=+$/, "");
  return plain !== undefined && plain.length >= SHORTEST_SEED && /^[A-Za-z2-7]+$/.test(plain)
    ? new Secret(plain.toUpperCase())
    : undefined;
}

/**
 * The line in the QR code of a virtual device (Key Uri Format of Google Authenticator), short
 * enough for a QR code that fits on a terminal of 24 lines.
 */
export function renderTotpUri(seed: Secret, device: string, account: string): Secret {
  return new Secret(
    `otpauth://totp/AWS:${encodeURIComponent(device)}@${account}?secret=${seed.reveal()}`,
  );
}

/** The number of the window of an instant. */
export function windowOf(instant: Temporal.Instant): number {
  return Math.floor(instant.epochMilliseconds / WINDOW_MS);
}

/** The code of a window. */
export async function totpCode(seed: Secret, window: number): Promise<Secret> {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(window));
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", decodeBase32(seed), algorithm, false, ["sign"]);
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
  const number = mac.getUint32(mac.getUint8(19) & 0x0f) & 0x7fff_ffff;
  return new Secret(String(number % 1_000_000).padStart(6, "0"));
}

function seedOfUri(text: string): string | undefined {
  const uri = URL.parse(text);
  if (uri === null || !/^otpauth:\/\/totp\//i.test(text)) return undefined;
  const asks = (name: string, ours: string) =>
    (uri.searchParams.get(name) ?? ours).toUpperCase() === ours;
  const isOurs = asks("algorithm", "SHA1") && asks("digits", "6") && asks("period", "30");
  return isOurs ? uri.searchParams.get("secret") ?? undefined : undefined;
}

/** RFC 4648, section 6; bits that do not fill a byte are dropped. */
function decodeBase32(seed: Secret): Uint8Array<ArrayBuffer> {
  const text = seed.reveal();
  const bytes = new Uint8Array(Math.floor(text.length * 5 / 8));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const letter of text) {
    bits = (bits << 5 | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter)) & 0xfff;
    count += 5;
    if (count >= 8) bytes[at++] = bits >> (count -= 8) & 0xff;
  }
  return bytes;
}
