/**
 * What our items carry in the default collection, which others use too, where a collection of their own
 * cannot be made.
 *
 * Those of a collection that was named are kept apart from the others, and from each other: a name that
 * was never stored under finds nothing there, and removes nothing.
 */

import type { DBusValue } from "../../src/native.ts";
import { decodeTitle, encodeTitle } from "./title.ts";

/** What a service says of an item. */
export type Attributes = ReadonlyMap<string, DBusValue>;

/** The collection of aws-vault 7, where none is named. */
export const USUAL_COLLECTION = "awsvault";

/**
 * The attribute of ours: the Go keyring gives every program the attribute `profile`, so
 * `{"profile": "work"}` may be anybody's there.
 */
const MARK = "application";
/** The attribute that has the key in our own collection, and in the default one of the usual name. */
const KEY = "profile";
/** Another one, so that a search for the usual name does not meet what was stored under another. */
const NAMED_KEY = "key";

/** The attributes by which an item is found in a collection of its own. */
export function ownAttributes(key: string): Map<string, string> {
  return new Map([[KEY, encodeTitle(key)]]);
}

/** The attributes by which those of a collection's name are found in the default one: of a key, or all. */
export function shelfAttributes(collection: string, key?: string): Map<string, string> {
  const attributes = new Map([[MARK, markOf(collection)]]);
  const name = collection === USUAL_COLLECTION ? KEY : NAMED_KEY;
  return key === undefined ? attributes : attributes.set(name, encodeTitle(key));
}

/** Whether an item is one that we put into the default collection, for a collection of this name. */
export function isMarked(collection: string, attributes: Attributes): boolean {
  return attributes.get(MARK) === markOf(collection);
}

/** The key that an item names, of a collection of its own or of this name in the default one. */
export function keyOfAttributes(collection: string, attributes: Attributes): string | undefined {
  const isNamed = collection !== USUAL_COLLECTION && isMarked(collection, attributes);
  const title = attributes.get(isNamed ? NAMED_KEY : KEY);
  return typeof title === "string" && title !== "" ? decodeTitle(title) : undefined;
}

function markOf(collection: string): string {
  return collection === USUAL_COLLECTION ? "aws-vault" : `aws-vault (${collection})`;
}
