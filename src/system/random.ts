import type { Random } from "../host.ts";

/** The most bytes that WebCrypto gives in one call, by its specification. */
const LARGEST_CALL = 65_536;

/** The operating system's random numbers. */
export function systemRandom(): Random {
  return { bytes, fraction: () => Math.random() };
}

function bytes(count: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(count);
  for (let at = 0; at < count; at += LARGEST_CALL) {
    crypto.getRandomValues(all.subarray(at, at + LARGEST_CALL));
  }
  return all;
}
