/**
 * Where the item of a key is: in our collection, or in the default one if ours cannot be created.
 *
 * A locked collection is unlocked before it counts as empty; a service may hide items until then.
 */

import { NativeFailure } from "../../src/native.ts";
import type { SecretServiceClient } from "./client.ts";
import { collectionOfItem, findCollection, isCollectionOfName } from "./collection.ts";
import { IS_LOCKED, isNoSuchObject } from "./failure.ts";
import {
  type Attributes,
  isMarked,
  keyOfAttributes,
  ownAttributes,
  shelfAttributes,
  USUAL_COLLECTION,
} from "./shelf.ts";
import { decodeTitle } from "./title.ts";
import { isOpenWallet, type Person, unlock } from "./unlock.ts";

/** The alias of the collection where programs store items that need no separate collection. */
export const DEFAULT_ALIAS = "default";
/** How many items are queried at once. */
const READ_AT_ONCE = 32;

/** An item that was found. */
export interface Found {
  readonly path: string;
  readonly isLocked: boolean;
}

/** Finds the items of one collection name. */
export class ItemFinder {
  readonly #client: SecretServiceClient;
  readonly #name: string;
  readonly #person: Person;
  #searchable: Promise<void> | undefined;

  constructor(client: SecretServiceClient, name: string, person: Person) {
    this.#client = client;
    this.#name = name;
    this.#person = person;
  }

  /** The items of a key, the one that counts first. A single call if it is in our collection. */
  async find(key: string): Promise<Found[]> {
    const everywhere = await this.#search(ownAttributes(key));
    const own = everywhere.filter((item) =>
      isCollectionOfName(collectionOfItem(item.path), this.#name)
    );
    if (own.length > 0) return own;
    const collection = await findCollection(this.#client, this.#name);
    if (collection !== undefined) return await this.#findInOwn(key, collection, everywhere);
    return this.#isUsual ? await this.#findInDefault(key, everywhere) : await this.findMarked(key);
  }

  /**
   * Whether no collection was named. A named collection that does not exist is empty: items in the
   * default one are not what was requested, except those that were stored there under this very name.
   */
  get #isUsual(): boolean {
    return this.#name === USUAL_COLLECTION;
  }

  /** The item with these attributes in a collection. */
  async findIn(
    collection: string,
    attributes: ReadonlyMap<string, string>,
  ): Promise<Found | undefined> {
    return inCollection(await this.#search(attributes), collection).at(0);
  }

  /** Our items in the default collection, for one key or all, by {@linkcode shelfAttributes}. */
  async findMarked(key?: string): Promise<Found[]> {
    const found = await this.#search(shelfAttributes(this.#name, key));
    if (found.length === 0) return [];
    return inCollection(found, await this.#client.collectionOfAlias(DEFAULT_ALIAS));
  }

  /** The keys of all items. */
  async keys(): Promise<string[]> {
    const own = await findCollection(this.#client, this.#name);
    if (own === undefined) {
      if (this.#isUsual) return await this.#keysInDefault();
      return await this.#readKeys(await this.#markedItems(), this.#keyOf);
    }
    await unlock(this.#client, own, this.#person);
    const items = await this.#client.items(own);
    return await this.#readKeys([...items, ...await this.#markedItems()], this.#keyOf);
  }

  readonly #keyOf = (attributes: Attributes) => keyOfAttributes(this.#name, attributes);

  async #markedItems(): Promise<string[]> {
    const marked = await this.findMarked();
    // A locked item does not show its attributes: gnome-keyring gives hashes of them.
    for (const { path, isLocked } of marked) {
      if (isLocked) await unlock(this.#client, path, this.#person);
    }
    return marked.map(({ path }) => path);
  }

  /** Covers a collection whose path differs from its name, a locked one, and marked items. */
  async #findInOwn(
    key: string,
    collection: string,
    everywhere: readonly Found[],
  ): Promise<Found[]> {
    const there = inCollection(everywhere, collection);
    if (there.length > 0) return there;
    if (await unlock(this.#client, collection, this.#person)) {
      const unlocked = inCollection(
        await this.#search(ownAttributes(key)),
        collection,
      );
      if (unlocked.length > 0) return unlocked;
    }
    return await this.findMarked(key);
  }

  async #findInDefault(key: string, everywhere: readonly Found[]): Promise<Found[]> {
    const marked = await this.findMarked(key);
    const collection = await this.#client.collectionOfAlias(DEFAULT_ALIAS);
    const others = inCollection(everywhere, collection).filter(({ path }) =>
      marked.every((item) => item.path !== path)
    );
    const found = [...marked, ...others];
    if (found.length > 0 || !await this.#unlockDefault(collection)) return found;
    return await this.#findInDefault(
      key,
      await this.#search(ownAttributes(key)),
    );
  }

  async #keysInDefault(): Promise<string[]> {
    const collection = await this.#client.collectionOfAlias(DEFAULT_ALIAS);
    await this.#unlockDefault(collection);
    if (collection === undefined) return [];
    return await this.#readKeys(await this.#client.items(collection), async (attributes, item) => {
      const key = this.#keyOf(attributes);
      if (key === undefined || isMarked(this.#name, attributes)) return key;
      // It has the form that the contract gives, but was not stored by us.
      return decodeTitle(await this.#client.label(item, "Item")) === key ? key : undefined;
    });
  }

  /**
   * Throws if everything is locked and nothing is visible: KeePassXC, which has no items until it is
   * unlocked, shows a dialog for a search, and answers once the person has answered.
   */
  async #requireSearchable(): Promise<void> {
    const collections = await this.#client.collections();
    for (const path of collections) {
      if (!await this.#client.isLocked(path)) return;
      if ((await this.#client.items(path)).length > 0) return;
      if (await isOpenWallet(this.#client, path)) return;
    }
    if (collections.length === 0) return await this.#requireNoWizard();
    throw new NativeFailure(IS_LOCKED, "it is locked, and nobody can be asked to unlock it");
  }

  /** KeePassXC without an open database would ask for one at a search, too. */
  async #requireNoWizard(): Promise<void> {
    if (await this.#client.provider.hasWizard()) throw noCollection();
  }

  async #unlockDefault(collection: string | undefined): Promise<boolean> {
    if (collection !== undefined) return await unlock(this.#client, collection, this.#person);
    if ((await this.#client.collections()).length > 0) return false;
    // That does not mean that no keys exist.
    throw noCollection();
  }

  async #readKeys(
    items: readonly string[],
    keyOf: (
      attributes: Attributes,
      item: string,
    ) => Promise<string | undefined> | string | undefined,
  ): Promise<string[]> {
    const keys = new Set<string>();
    const read = (item: string) =>
      unlessGone(async () => await keyOf(await this.#client.attributes(item), item));
    for (let i = 0; i < items.length; i += READ_AT_ONCE) {
      const some = await Promise.all(items.slice(i, i + READ_AT_ONCE).map(read));
      for (const key of some) if (key !== undefined) keys.add(key);
    }
    return [...keys];
  }

  async #search(attributes: ReadonlyMap<string, string>): Promise<Found[]> {
    if (!this.#person.mayPrompt) await (this.#searchable ??= this.#requireSearchable());
    const { unlocked, locked } = await this.#client.search(attributes);
    return [
      ...unlocked.map((path) => ({ path, isLocked: false })),
      ...locked.map((path) => ({ path, isLocked: true })),
    ];
  }
}

/** KeePassXC shows the group of an open database that its person has chosen, if any. */
function noCollection(): NativeFailure {
  const reason = "it has no collection: its database is not open, or shares no group";
  return new NativeFailure(IS_LOCKED, reason);
}

function inCollection(items: readonly Found[], collection: string | undefined): Found[] {
  return items.filter((item) => collectionOfItem(item.path) === collection);
}

/** `undefined` if another process removed the item in the meantime. */
export async function unlessGone<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (isNoSuchObject(error)) return undefined;
    throw error;
  }
}
