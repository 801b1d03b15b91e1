/** Reading and writing of ASN.1 (ITU-T X.690), as far as certificates and keys need it. */

import type { Asn1, Forge } from "./forge.ts";

/** Tag numbers of the class `universal`. */
export const TAG = { integer: 2, octets: 4, null: 5, oid: 6, sequence: 16, utcTime: 23 } as const;

/** A value whose form differs from the expected one. */
export class BadAsn1 extends Error {
  override readonly name = "BadAsn1";
}

/** The values in a constructed value. */
export function partsOf(value: Asn1 | undefined): readonly Asn1[] {
  if (value !== undefined && typeof value.value !== "string") return value.value;
  throw new BadAsn1("a value has no parts");
}

/** The bytes of a primitive value, and of an octet string that is written in pieces (BER). */
export function bytesOf(value: Asn1 | undefined): string {
  if (value === undefined) throw new BadAsn1("a value is missing");
  return typeof value.value === "string" ? value.value : value.value.map(bytesOf).join("");
}

/** An object identifier, in dots. */
export function oidOf({ asn1 }: Forge, value: Asn1 | undefined): string {
  if (value?.type !== TAG.oid) throw new BadAsn1("an identifier is missing");
  return asn1.derToOid(bytesOf(value));
}

/** More rounds than any program writes by itself: such a file was made to be slow, even to list. */
const MOST_ROUNDS = 2_000_000;

/** Throws {@linkcode BadAsn1} if the parameters of a key derivation require too many rounds. */
export function checkRounds(parameters: Asn1 | undefined): void {
  if (parameters === undefined) return;
  const { tagClass, type, value } = parameters;
  if (typeof value !== "string") return value.forEach(checkRounds);
  // No other value in such parameters is a large number: salts and vectors are octet strings.
  if (tagClass !== 0 || type !== TAG.integer) return;
  const digits = Array.from(value, (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0"));
  if (Number(`0x${digits.join("") || "0"}`) <= MOST_ROUNDS) return;
  throw new BadAsn1(`checking its passphrase takes more than ${MOST_ROUNDS} rounds`);
}

/** The value inside an octet string. */
export function insideOf(forge: Forge, value: Asn1 | undefined): Asn1 {
  return parseDer(forge, bytesOf(value));
}

/** Parses bytes; throws {@linkcode BadAsn1} unless they are exactly one complete value. */
export function parseDer({ asn1 }: Forge, bytes: string): Asn1 {
  try {
    return asn1.fromDer(bytes);
  } catch (cause) {
    throw new BadAsn1("it is not ASN.1", { cause });
  }
}

/** Makes a value of the class `universal`. */
export function write(type: number, value: string | readonly Asn1[]): Asn1 {
  const constructed = typeof value !== "string";
  return { tagClass: 0, type, constructed, composed: constructed, value };
}
