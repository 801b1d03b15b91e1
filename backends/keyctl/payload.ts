/**
 * The data of an item as the payload of a kernel's key, which has 1 to 32,767 bytes.
 *
 * The payload is the data themselves, so that `keyctl pipe` shows what `keyctl padd` may have stored
 * (contracts 12). Only data that are empty or begin with a NUL, as no JSON does, get a NUL in front.
 */

/** What fits into a key in any case. */
export const LARGEST_DATA_BYTES = 32_766;

/** The payload of some data, or `undefined` where they are too large. */
export function encodeKeyctlPayload(data: Uint8Array): Uint8Array | undefined {
  if (data.length > LARGEST_DATA_BYTES) return undefined;
  if (data.length > 0 && data[0] !== 0) return data;
  const payload = new Uint8Array(data.length + 1);
  payload.set(data, 1);
  return payload;
}

/** The data of a payload. */
export function decodeKeyctlPayload(payload: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return payload[0] === 0 ? payload.slice(1) : payload;
}
