/** What can be part of a request's identity; an `undefined` member counts as absent. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | undefined
  | Uint8Array
  | readonly CanonicalValue[]
  | { readonly [name: string]: CanonicalValue };

/**
 * Encodes a value as a unique byte string: every part has its type and length, and members are sorted.
 *
 * Joining texts with a separator could give two requests one identity, for example through a separator
 * inside a session name, and so hand out the wrong role's credentials (docs/formats.md,
 * "Canonical form").
 */
export function encodeCanonically(value: CanonicalValue): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(canonicalText(value));
}

/** The SHA-256 of a value's canonical form, as 64 lower-case hexadecimal digits. */
export async function hashCanonically(value: CanonicalValue): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encodeCanonically(value))).toHex();
}

/** The form as text, with lengths in UTF-16 units: different texts stay different, also as bytes. */
function canonicalText(value: CanonicalValue): string {
  if (value === undefined) return tagged("u", "");
  if (typeof value === "string") return tagged("s", value);
  if (typeof value === "number") return tagged("n", String(value));
  if (typeof value === "boolean") return tagged("b", String(value));
  if (value instanceof Uint8Array) return tagged("x", value.toHex());
  if (isList(value)) return `l${value.length}:` + value.map(canonicalText).join("");
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => a < b ? -1 : 1);
  const texts = members.map(([name, member]) => tagged("s", name) + canonicalText(member));
  return `d${members.length}:` + texts.join("");
}

function tagged(tag: string, content: string): string {
  return `${tag}${content.length}:${content}`;
}

function isList(value: CanonicalValue): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}
