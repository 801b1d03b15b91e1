/** What can be part of a request's identity; an `undefined` member is as if it were not there. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | undefined
  | Uint8Array
  | readonly CanonicalValue[]
  | { readonly [name: string]: CanonicalValue };

/**
 * One byte string for one value: every part says its type and length, and members stand in order.
 *
 * Joining texts with a separator would let two requests meet in one identity, by a separator inside
 * a session name, say, and hand out the wrong role's credentials (pains 5).
 */
export function encodeCanonically(value: CanonicalValue): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  append(parts, value);
  return joined(parts);
}

/** The SHA-256 of a value's canonical form, as 64 lower-case hexadecimal digits. */
export async function hashCanonically(value: CanonicalValue): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encodeCanonically(value))).toHex();
}

function append(parts: Uint8Array[], value: CanonicalValue): void {
  if (value === undefined) return tagged(parts, "u", "");
  if (typeof value === "string") return tagged(parts, "s", value);
  if (typeof value === "number") return tagged(parts, "n", String(value));
  if (typeof value === "boolean") return tagged(parts, "b", String(value));
  if (value instanceof Uint8Array) return tagged(parts, "x", value);
  if (isList(value)) return appendList(parts, value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => a < b ? -1 : 1);
  parts.push(bytesOf(`d${members.length}:`));
  for (const [name, member] of members) {
    tagged(parts, "s", name);
    append(parts, member);
  }
}

function appendList(parts: Uint8Array[], list: readonly CanonicalValue[]): void {
  parts.push(bytesOf(`l${list.length}:`));
  for (const item of list) append(parts, item);
}

function tagged(parts: Uint8Array[], tag: string, content: string | Uint8Array): void {
  const bytes = typeof content === "string" ? bytesOf(content) : content;
  parts.push(bytesOf(`${tag}${bytes.length}:`), bytes);
}

function isList(value: CanonicalValue): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
