import { canBePassedOn, type LongTermKey } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import type { Keyring, KeyringItem } from "../keyring.ts";
import { Secret } from "../secret.ts";
import { commandLine, quote } from "../text.ts";

/** A stored key with the other fields of its item, which a rewrite keeps. */
export interface StoredKey extends LongTermKey {
  /** The fields of the item that this program does not interpret, by their Go names. */
  readonly otherFields: Readonly<Record<string, unknown>>;
}

/**
 * The fields of a new item besides the key: the zero values of the Go struct (docs/formats.md,
 * "Credential data").
 */
const EMPTY_FIELDS = {
  SessionToken: "",
  Source: "",
  CanExpire: false,
  Expires: "0001-01-01T00:00:00Z",
  AccountID: "",
};

/**
 * The credential data of an item, as aws-vault 7 writes it (docs/formats.md, "Credential data").
 */
export function encodeStoredKey(
  key: LongTermKey,
  otherFields: Readonly<Record<string, unknown>> = {},
): Uint8Array<ArrayBuffer> {
  const fields = {
    AccessKeyID: key.accessKeyId,
    SecretAccessKey: key.secretAccessKey.reveal(),
    ...EMPTY_FIELDS,
    ...otherFields,
  };
  return new TextEncoder().encode(JSON.stringify(fields));
}

/** Reads an item's credential data; throws `damaged-item`, and never quotes the data. */
export function decodeStoredKey(data: Uint8Array, name: string): StoredKey {
  const fields = parseObject(data);
  const { AccessKeyID, SecretAccessKey, ...otherFields } = fields ?? {};
  if (!isPart(AccessKeyID) || !isPart(SecretAccessKey) || !AccessKeyID) {
    throw new VaultError(
      "damaged-item",
      `Cannot read the stored key ${quote(name)}: it is damaged`,
      {
        hints: [`It was left in place; replace it: ${commandLine(["add"], name)}`],
      },
    );
  }
  return { accessKeyId: AccessKeyID, secretAccessKey: new Secret(SecretAccessKey), otherFields };
}

function isPart(value: unknown): value is string {
  return typeof value === "string" && canBePassedOn(value);
}

function parseObject(data: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The stored key of a profile, or `undefined` if none is stored. */
export async function readStoredKey(
  keyring: Keyring,
  name: string,
): Promise<StoredKey | undefined> {
  const data = await keyring.get(name);
  return data === undefined ? undefined : decodeStoredKey(data, name);
}

/** Stores a profile's key, replacing the one before. */
export async function writeStoredKey(
  keyring: Keyring,
  name: string,
  key: LongTermKey,
  otherFields: Readonly<Record<string, unknown>> = {},
  how: Pick<KeyringItem, "standsAlone"> = {},
): Promise<void> {
  await keyring.set(name, {
    data: encodeStoredKey(key, otherFields),
    label: `aws-vault (${name})`,
    ...how,
  });
}
