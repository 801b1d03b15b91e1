/**
 * The attributes of our items in the default collection, which other programs use too. They go there if
 * a separate collection cannot be created.
 *
 * Items of a named collection are kept apart from the others, and from each other: a name under which
 * nothing was stored finds nothing there, and removes nothing.
 */

import type { DBusValue } from "../../src/native.ts";
import { decodeTitle, encodeTitle } from "./title.ts";

/** The attributes that a service reports for an item. */
export type Attributes = ReadonlyMap<string, DBusValue>;

/** The collection of aws-vault 7, used if none is named. */
export const USUAL_COLLECTION = "awsvault";

/**
 * The attribute that marks our items: the Go keyring gives every program's items the attribute
 * `profile`, so `{"profile": "work"}` may belong to any of them.
 */
const MARK = "application";
/** The attribute with the key, in our own collection and, for the usual name, in the default one. */
const KEY = "profile";
/**
 * A different one, so that a search for the usual name does not find items stored under another
 * name.
 */
const NAMED_KEY = "key";

/**
 * The attribute with an item's public name. An item is looked for without it, by us and by other programs;
 * a locked gnome-keyring searches attributes without showing them.
 */
const NAME = "aws-vault-name";

/** The attributes that an item with a public name has, besides those that identify it. */
export function nameAttributes(publicName: string): Map<string, string> {
  return new Map([[NAME, publicName]]);
}

/** Whether an item has a public name; a locked gnome-keyring puts words before the names of attributes. */
export function isNamed(attributes: Attributes): boolean {
  return [...attributes.keys()].some((attribute) => `:${attribute}`.endsWith(`:${NAME}`));
}

/** The attributes that identify an item in a separate collection. */
export function ownAttributes(key: string): Map<string, string> {
  return new Map([[KEY, encodeTitle(key)]]);
}

/** The attributes that find a collection name's items in the default collection: of one key, or all. */
export function shelfAttributes(collection: string, key?: string): Map<string, string> {
  const attributes = new Map([[MARK, markOf(collection)]]);
  const name = collection === USUAL_COLLECTION ? KEY : NAMED_KEY;
  return key === undefined ? attributes : attributes.set(name, encodeTitle(key));
}

/** Whether we put this item into the default collection, for a collection of this name. */
export function isMarked(collection: string, attributes: Attributes): boolean {
  return attributes.get(MARK) === markOf(collection);
}

/** The key that an item names, in a separate collection or, for this name, in the default one. */
export function keyOfAttributes(collection: string, attributes: Attributes): string | undefined {
  const isNamed = collection !== USUAL_COLLECTION && isMarked(collection, attributes);
  const title = attributes.get(isNamed ? NAMED_KEY : KEY);
  return typeof title === "string" && title !== "" ? decodeTitle(title) : undefined;
}

function markOf(collection: string): string {
  return collection === USUAL_COLLECTION ? "aws-vault" : `aws-vault (${collection})`;
}
