import { bytesOf, oidOf, parseDer, partsOf, TAG } from "./asn1.ts";
import { type Asn1, type Forge, toBinary, toBytes } from "./forge.ts";

/** The fields of an X.509 certificate (RFC 5280, 4.1) that this program uses. */
export interface Certificate {
  readonly der: Uint8Array<ArrayBuffer>;
  /** In decimal digits. */
  readonly serial: string;
  readonly notBefore: Temporal.Instant;
  readonly notAfter: Temporal.Instant;
  /** The DER of both names, which are equal in a self-signed certificate. */
  readonly issuer: string;
  readonly subject: string;
  readonly publicKey: PublicKey;
}

/** The key of a certificate: `SubjectPublicKeyInfo` in DER. */
export interface PublicKey {
  readonly spki: Uint8Array<ArrayBuffer>;
  readonly algorithm: KeyAlgorithm | undefined;
}

/** The keys that Roles Anywhere accepts. */
export type KeyAlgorithm = "RSA" | "P-256" | "P-384";

/** Object identifiers of keys and curves (RFC 8017, RFC 5480). */
export const OID = {
  rsa: "1.2.840.113549.1.1.1",
  ec: "1.2.840.10045.2.1",
} as const;

const CURVES: Readonly<Record<string, KeyAlgorithm>> = {
  "1.2.840.10045.3.1.7": "P-256",
  "1.3.132.0.34": "P-384",
};

/** Reads a certificate; throws `BadAsn1` for anything else. */
export function parseCertificate(forge: Forge, der: Uint8Array<ArrayBuffer>): Certificate {
  const fields = [...partsOf(partsOf(parseDer(forge, toBinary(der)))[0])];
  // Version 1 certificates have no version field.
  if (fields[0]?.tagClass !== 0) fields.shift();
  const [serial, , issuer, validity, subject, key] = fields;
  const encode = (value: Asn1 | undefined) => forge.asn1.toDer(value!).getBytes();
  const [notBefore, notAfter] = partsOf(validity).map((time) => instantOf(forge, time));
  return {
    der,
    serial: decimal(bytesOf(serial)),
    notBefore: notBefore!,
    notAfter: notAfter!,
    issuer: encode(issuer),
    subject: encode(subject),
    publicKey: { spki: toBytes(encode(key)), algorithm: algorithmOf(forge, partsOf(key)[0]) },
  };
}

/** The algorithm that an `AlgorithmIdentifier` names, if it is supported. */
export function algorithmOf(forge: Forge, identifier: Asn1 | undefined): KeyAlgorithm | undefined {
  const [name, parameters] = partsOf(identifier);
  const oid = oidOf(forge, name);
  if (oid === OID.rsa) return "RSA";
  if (oid !== OID.ec || parameters?.type !== TAG.oid) return undefined;
  return CURVES[oidOf(forge, parameters)];
}

function instantOf({ asn1 }: Forge, time: Asn1): Temporal.Instant {
  const text = bytesOf(time);
  const date = time.type === TAG.utcTime
    ? asn1.utcTimeToDate(text)
    : asn1.generalizedTimeToDate(text);
  return Temporal.Instant.fromEpochMilliseconds(date.getTime());
}

function decimal(bytes: string): string {
  return BigInt(`0x${toBytes(bytes).toHex() || "0"}`).toString();
}
