/**
 * The *Item*: how the Go keyring writes an entry in keystores that hold one text per entry (file,
 * secret-service, kwallet, pass, passage; docs/formats.md, "Keyring item").
 */

import { VaultError } from "../src/errors.ts";
import type { KeyringItem } from "../src/keyring.ts";
import { quote } from "../src/text.ts";

/** Writes the Item of a key as JSON, in the Go library's names and order. */
export function encodeItem(key: string, item: KeyringItem): string {
  return JSON.stringify({
    Key: key,
    Data: item.data.toBase64(),
    Label: item.label,
    Description: item.description ?? "",
    // What aws-vault 7 writes for credentials; only a macOS keychain would use it.
    KeychainNotTrustApplication: true,
    KeychainNotSynchronizable: false,
    // For stores that show nothing of an item before it was read; the Go library ignores other names.
    PublicName: item.publicName,
  });
}

/**
 * Reads the data of an Item; anything else throws `damaged-item`.
 *
 * With an expected key, the Item must contain that key. Otherwise, anyone who can rename files or
 * entries, but cannot open them, could pass one account's key off as another's. `place` names the
 * Item's location in the error, such as `the file "/a/b"`.
 */
export function decodeItem(
  text: string,
  expectedKey?: string,
  place?: string,
): Uint8Array<ArrayBuffer> {
  const damaged = (reason: string) => damagedItem(expectedKey, place, reason);
  const item = parseObject(text);
  if (item === undefined) throw damaged("it is not a JSON object");
  if (expectedKey !== undefined && item.Key !== expectedKey) {
    throw damaged(
      typeof item.Key === "string"
        ? `it holds the item of ${quote(item.Key)}`
        : "it does not name its item",
    );
  }
  // Go writes an empty byte slice as null.
  if (item.Data === null || item.Data === undefined) return new Uint8Array();
  if (typeof item.Data !== "string") throw damaged("its data is not a string");
  try {
    return Uint8Array.fromBase64(item.Data);
  } catch {
    throw damaged("its data is not base64");
  }
}

/** The public name that an Item was written with, or `undefined`. */
export function publicNameOfText(text: string): string | undefined {
  const name = parseObject(text)?.PublicName;
  return typeof name === "string" ? name : undefined;
}

/**
 * The parser's errors never leave this function: they would quote the text, which is the secret.
 */
function parseObject(
  text: string,
): { Key?: unknown; Data?: unknown; PublicName?: unknown } | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function damagedItem(key: string | undefined, place: string | undefined, reason: string) {
  const what = key === undefined ? "the item" : quote(key);
  const where = place === undefined ? "the stored item" : place;
  return new VaultError("damaged-item", `Cannot read ${what}: ${where} is damaged: ${reason}`, {
    hints: ["It was left in place; restore it, or store the key again"],
  });
}
