/** The public name of an item, which a locked collection shows, too: an attribute. */

import { NativeFailure } from "../../src/native.ts";
import type { SecretServiceClient } from "./client.ts";
import type { Found } from "./find.ts";
import { isNamed, nameAttributes } from "./shelf.ts";

/**
 * Whether an item has this public name; `undefined` if it has none. By a search, since a locked
 * gnome-keyring finds items by their attributes but does not show these.
 */
export async function hasName(
  client: SecretServiceClient,
  { path }: Found,
  publicName: string,
): Promise<boolean | undefined> {
  const { unlocked, locked } = await client.search(nameAttributes(publicName));
  if ([...unlocked, ...locked].includes(path)) return true;
  return isNamed(await client.attributes(path)) ? false : undefined;
}

/**
 * Gives an unlocked item a public name, besides the attributes that identify it. Not when the item is
 * created: a service takes an item with other attributes for another item. A service that refuses (KeePassXC)
 * leaves the item without a name, but never with an old one.
 */
export async function giveName(
  client: SecretServiceClient,
  item: Found,
  identity: ReadonlyMap<string, string>,
  publicName: string,
): Promise<void> {
  const attributes = await client.attributes(item.path);
  const named = new Map([...attributes, ...identity, ...nameAttributes(publicName)]);
  if ([...named].every(([name, value]) => attributes.get(name) === value)) return;
  try {
    await client.setAttributes(item.path, named);
  } catch (error) {
    if (!(error instanceof NativeFailure) || isNamed(attributes)) throw error;
  }
}
