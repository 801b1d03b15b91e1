/**
 * Where the item of a key is: in our collection, or in the default one where ours cannot be made.
 *
 * What is locked is unlocked before it is called empty; a service may hide items until then.
 */

import { type DBusValue, NativeFailure } from "../../src/native.ts";
import type { SecretServiceClient } from "./client.ts";
import { collectionOfItem, findCollection, isCollectionOfName } from "./collection.ts";
import { IS_LOCKED, isNoSuchObject } from "./failure.ts";
import { decodeTitle, encodeTitle } from "./title.ts";
import { isOpenWallet, type Person, unlock } from "./unlock.ts";

/** The collection of aws-vault 7, where none is named. */
export const USUAL_COLLECTION = "awsvault";

/** The alias of the collection where programs store what need not be kept apart. */
export const DEFAULT_ALIAS = "default";
/**
 * The attribute of what we store in a collection that others use too: the Go keyring gives
 * every program the attribute `profile`, so `{"profile": "work"}` may be anybody's there.
 */
export const MARK = ["application", "aws-vault"] as const;
/** How many items are asked about at once. */
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

  /** The items of a key, the one that counts first. One call where it is in our collection. */
  async find(key: string): Promise<Found[]> {
    const everywhere = await this.#search(new Map([["profile", encodeTitle(key)]]));
    const own = everywhere.filter((item) =>
      isCollectionOfName(collectionOfItem(item.path), this.#name)
    );
    if (own.length > 0) return own;
    const collection = await findCollection(this.#client, this.#name);
    if (collection !== undefined) return await this.#findInOwn(key, collection, everywhere);
    return this.#isUsual ? await this.#findInDefault(key, everywhere) : await this.findMarked(key);
  }

  /**
   * Whether nobody has named a collection. One that was named and does not exist is empty: what stands in
   * the default one is not what was asked for, except for what we put there where ours cannot be made.
   */
  get #isUsual(): boolean {
    return this.#name === USUAL_COLLECTION;
  }

  /** The item of a key in a collection, with these attributes besides. */
  async findIn(
    collection: string,
    key: string,
    more: readonly (readonly [string, string])[],
  ): Promise<Found | undefined> {
    const attributes = new Map([["profile", encodeTitle(key)], ...more]);
    return inCollection(await this.#search(attributes), collection).at(0);
  }

  /** Our items in the default collection, of one key or all, by {@linkcode MARK}. */
  async findMarked(key?: string): Promise<Found[]> {
    const attributes = new Map<string, string>([MARK]);
    if (key !== undefined) attributes.set("profile", encodeTitle(key));
    const found = await this.#search(attributes);
    if (found.length === 0) return [];
    return inCollection(found, await this.#client.collectionOfAlias(DEFAULT_ALIAS));
  }

  /** The keys of all items. */
  async keys(): Promise<string[]> {
    const own = await findCollection(this.#client, this.#name);
    if (own === undefined && !this.#isUsual) return await this.#markedKeys();
    if (own === undefined) return await this.#keysInDefault();
    await unlock(this.#client, own, this.#person);
    const items = await this.#client.items(own);
    for (const marked of await this.findMarked()) {
      // What is locked does not show its attributes: gnome-keyring gives hashes of them.
      if (marked.isLocked) await unlock(this.#client, marked.path, this.#person);
      items.push(marked.path);
    }
    return await this.#readKeys(items, profileOf);
  }

  async #markedKeys(): Promise<string[]> {
    const marked = await this.findMarked();
    return await this.#readKeys(marked.map(({ path }) => path), profileOf);
  }

  /** The collection has another path than its name says, or is locked, or the item is a marked one. */
  async #findInOwn(
    key: string,
    collection: string,
    everywhere: readonly Found[],
  ): Promise<Found[]> {
    const there = inCollection(everywhere, collection);
    if (there.length > 0) return there;
    if (await unlock(this.#client, collection, this.#person)) {
      const unlocked = inCollection(
        await this.#search(new Map([["profile", encodeTitle(key)]])),
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
      await this.#search(new Map([["profile", encodeTitle(key)]])),
    );
  }

  async #keysInDefault(): Promise<string[]> {
    const collection = await this.#client.collectionOfAlias(DEFAULT_ALIAS);
    await this.#unlockDefault(collection);
    if (collection === undefined) return [];
    return await this.#readKeys(await this.#client.items(collection), async (attributes, item) => {
      const key = profileOf(attributes);
      if (key === undefined || attributes.get(MARK[0]) === MARK[1]) return key;
      // Of the form that the contract gives, though not by us.
      return decodeTitle(await this.#client.label(item, "Item")) === key ? key : undefined;
    });
  }

  /**
   * Throws where everything is locked and nothing is seen: KeePassXC, which has no items until it is
   * unlocked, shows a dialog for a search, and answers when it was answered.
   */
  async #requireSearchable(): Promise<void> {
    const collections = await this.#client.collections();
    for (const path of collections) {
      if (!await this.#client.isLocked(path)) return;
      if ((await this.#client.items(path)).length > 0) return;
      if (await isOpenWallet(this.#client, path)) return;
    }
    if (collections.length === 0) return;
    throw new NativeFailure(IS_LOCKED, "it is locked, and nobody can be asked to unlock it");
  }

  async #unlockDefault(collection: string | undefined): Promise<boolean> {
    if (collection !== undefined) return await unlock(this.#client, collection, this.#person);
    if ((await this.#client.collections()).length > 0) return false;
    // KeePassXC without an open database: nothing is there, but that says nothing about the keys.
    throw new NativeFailure(IS_LOCKED, "it has no collection: its database is not open");
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

type Attributes = ReadonlyMap<string, DBusValue>;

function profileOf(attributes: Attributes): string | undefined {
  const title = attributes.get("profile");
  return typeof title === "string" && title !== "" ? decodeTitle(title) : undefined;
}

function inCollection(items: readonly Found[], collection: string | undefined): Found[] {
  return items.filter((item) => collectionOfItem(item.path) === collection);
}

/** `undefined` where another process removed the item in the meantime. */
export async function unlessGone<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (isNoSuchObject(error)) return undefined;
    throw error;
  }
}
