/**
 * Long-term keys in the freedesktop.org Secret Service: gnome-keyring, KeePassXC, KDE's ksecretd and others.
 *
 * Items are those of the other tool (contracts 12): in the collection `awsvault`, label = key,
 * attributes `{"profile": key}`, and the Item as JSON for a secret. Where that collection cannot be
 * made (nobody can be asked for its password), items go to the default collection with one more
 * attribute, `application`, that tells them from those of other programs (pains 10).
 *
 * A locked collection is unlocked, or it is an error; it is never taken for an empty one.
 */

import { hasCode } from "../src/errors.ts";
import type { Host } from "../src/host.ts";
import type { Keyring, KeyringItem } from "../src/keyring.ts";
import { type DBusConnection, NativeFailure } from "../src/native.ts";
import type { Talk } from "../src/talk.ts";
import { quote } from "../src/text.ts";
import { decodeItem, encodeItem } from "./item.ts";
import { encodeAsciiJson } from "./item_ascii.ts";
import {
  type Prompted,
  SecretServiceClient,
  type SecretServiceLimits,
  SERVICE_NAME,
  SERVICE_PATH,
} from "./secret_service_client.ts";
import {
  collectionOfItem,
  findCollection,
  isCollectionOfName,
} from "./secret_service_collection.ts";
import { IS_LOCKED, PROMPT_DISMISSED, secretServiceFailed } from "./secret_service_failure.ts";
import { connectSessionBus, describe, hasDisplay, isNameAvailable } from "./session_bus.ts";

/** What this back end needs of the world. */
export type SecretServiceHost = Pick<Host, "native" | "env" | "random"> & {
  readonly talk: Pick<Talk, "warn">;
};

/** How the keyring is opened. */
export interface SecretServiceOptions {
  /** The name of the collection; `awsvault` by default. */
  readonly collection?: string | undefined;
  /** Whether the service may show prompts of its own to unlock, make or change something. */
  readonly mayPrompt: boolean;
  readonly limits?: SecretServiceLimits | undefined;
}

const DEFAULT_COLLECTION = "awsvault";
const DEFAULT_LIMITS: SecretServiceLimits = { callMs: 10_000, promptMs: 120_000 };
/** The alias of the collection where programs store what need not be kept apart. */
const DEFAULT_ALIAS = "default";
const CONTENT_TYPE = "application/json";
/** The attribute of our items in a collection that others use too. */
const MARK = ["application", "aws-vault"] as const;
/** How many attributes are asked for at once. */
const READ_AT_ONCE = 32;

/** An item that was found. */
interface Found {
  readonly path: string;
  readonly isLocked: boolean;
}

/** The keyring in the Secret Service. Nothing is connected before the first use. */
export function openSecretServiceKeyring(
  host: SecretServiceHost,
  options: SecretServiceOptions,
): Keyring {
  return new SecretServiceKeyring(host, options);
}

/**
 * Why the Secret Service cannot be used here, or `undefined` where it can.
 *
 * Quick (less than 2 s) and silent: it starts no program and shows no prompt.
 */
export async function probeSecretService(
  host: Pick<Host, "native" | "env">,
): Promise<string | undefined> {
  let connection: DBusConnection | undefined;
  try {
    connection = await connectSessionBus(host, 1_000);
    if (await isNameAvailable(connection, SERVICE_NAME, 400)) return undefined;
    return "No program on the session bus provides the Secret Service";
  } catch (error) {
    if (hasCode(error, "keyring-unavailable")) return error.message;
    if (error instanceof NativeFailure) return `The session bus fails: ${describe(error)}`;
    throw error;
  } finally {
    connection?.close();
  }
}

class SecretServiceKeyring implements Keyring {
  readonly backend = "secret-service";
  readonly location: string;
  readonly #host: SecretServiceHost;
  readonly #name: string;
  readonly #mayPrompt: boolean;
  readonly #limits: SecretServiceLimits;
  #connection: DBusConnection | undefined;
  #opening: Promise<SecretServiceClient> | undefined;
  #hasWarned = false;

  constructor(host: SecretServiceHost, options: SecretServiceOptions) {
    this.#host = host;
    this.#name = options.collection ?? DEFAULT_COLLECTION;
    this.#mayPrompt = options.mayPrompt;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.location = `collection ${quote(this.#name)}`;
  }

  has(key: string): Promise<boolean> {
    return this.#act(`look for ${quote(key)} in`, async (client) => {
      return (await this.#find(client, key)).length > 0;
    });
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#act(`read ${quote(key)} from`, async (client) => {
      // The session is agreed on while the service searches; a failure shows when it is used.
      client.session().catch(() => {});
      const [item] = await this.#find(client, key);
      if (item === undefined) return undefined;
      const secret = await unlessGone(() => this.#readSecret(client, item));
      return secret && decodeItem(new TextDecoder().decode(secret), key);
    });
  }

  set(key: string, item: KeyringItem): Promise<void> {
    return this.#act(`store ${quote(key)} in`, async (client) => {
      const own = await this.#ownCollection(client);
      const collection = own ?? await this.#defaultCollection(client);
      await this.#unlock(client, collection);
      const created = await client.createItem(collection, {
        label: key,
        attributes: new Map(own === undefined ? [["profile", key], MARK] : [["profile", key]]),
        secret: encodeAsciiJson(encodeItem(key, item)),
        contentType: CONTENT_TYPE,
      });
      await this.#finish(client, created);
      // Only now: until here the old copy was the item.
      if (own !== undefined) await this.#removeCopies(client, key, own);
    });
  }

  remove(key: string): Promise<boolean> {
    return this.#act(`remove ${quote(key)} from`, async (client) => {
      const items = new Map<string, Found>();
      for (const item of await this.#find(client, key)) items.set(item.path, item);
      for (const item of await this.#findMarked(client, key)) items.set(item.path, item);
      const removed = [];
      for (const item of items.values()) removed.push(await this.#removeItem(client, item));
      return removed.includes(true);
    });
  }

  keys(): Promise<string[]> {
    return this.#act("list the keys in", async (client) => {
      const own = await findCollection(client, this.#name);
      if (own === undefined) await this.#unlockDefault(client);
      else await this.#unlock(client, own);
      const items = own === undefined ? [] : await client.items(own);
      for (const marked of await this.#findMarked(client)) {
        // What is locked does not show its attributes: gnome-keyring gives hashes of them.
        if (marked.isLocked) await this.#unlock(client, marked.path);
        items.push(marked.path);
      }
      return await readKeys(client, items);
    });
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#opening = undefined;
  }

  /** The items of a key in our collection, or else those in the default one. */
  async #find(client: SecretServiceClient, key: string): Promise<Found[]> {
    const everywhere = await search(client, new Map([["profile", key]]));
    const own = everywhere.filter((item) =>
      isCollectionOfName(collectionOfItem(item.path), this.#name)
    );
    return own.length > 0 ? own : await this.#findAgain(client, key, everywhere);
  }

  /** The slower ways: the collection has another path, is locked, or could not be made. */
  async #findAgain(
    client: SecretServiceClient,
    key: string,
    everywhere: readonly Found[],
  ): Promise<Found[]> {
    const collection = await findCollection(client, this.#name);
    if (collection === undefined) {
      const marked = await this.#findMarked(client, key);
      if (marked.length > 0 || !await this.#unlockDefault(client)) return marked;
      return await this.#findMarked(client, key);
    }
    const isThere = (item: Found) => collectionOfItem(item.path) === collection;
    const there = everywhere.filter(isThere);
    if (there.length > 0) return there;
    if (await this.#unlock(client, collection)) {
      const unlocked = (await search(client, new Map([["profile", key]]))).filter(isThere);
      if (unlocked.length > 0) return unlocked;
    }
    return await this.#findMarked(client, key);
  }

  /** Our items in the default collection, of one key or all. */
  async #findMarked(client: SecretServiceClient, key?: string): Promise<Found[]> {
    const attributes = new Map<string, string>([MARK]);
    if (key !== undefined) attributes.set("profile", key);
    const found = await search(client, attributes);
    if (found.length === 0) return [];
    const collection = await client.collectionOfAlias(DEFAULT_ALIAS);
    return found.filter((item) => collectionOfItem(item.path) === collection);
  }

  async #readSecret(client: SecretServiceClient, item: Found): Promise<Uint8Array> {
    if (item.isLocked) await this.#unlock(client, item.path);
    try {
      return await client.secret(item.path);
    } catch (error) {
      // KeePassXC shows an item as unlocked whose use it still wants confirmed.
      if (item.isLocked || !isFailure(error, IS_LOCKED)) throw error;
      return await this.#readSecret(client, { ...item, isLocked: true });
    }
  }

  async #removeItem(client: SecretServiceClient, item: Found): Promise<boolean> {
    if (item.isLocked) await this.#unlock(client, item.path);
    const deleted = await unlessGone(() => client.deleteItem(item.path));
    if (deleted === undefined) return false;
    await this.#finish(client, deleted);
    return true;
  }

  /** What an earlier `set` left in the default collection. Locked copies stay: they are never read. */
  async #removeCopies(client: SecretServiceClient, key: string, own: string): Promise<void> {
    const copies = await this.#findMarked(client, key);
    for (const copy of copies) {
      if (copy.isLocked || collectionOfItem(copy.path) === own) continue;
      await this.#removeItem(client, copy);
    }
  }

  /** Our collection, made where there is none; `undefined` where it cannot be made. */
  async #ownCollection(client: SecretServiceClient): Promise<string | undefined> {
    const existing = await findCollection(client, this.#name);
    if (existing !== undefined) return existing;
    const created = await client.createCollection(this.#name);
    if (created.result !== undefined) return created.result;
    if (created.prompt === undefined || !this.#mayPrompt) return undefined;
    const { isDismissed, result } = await client.perform(created.prompt);
    if (!isDismissed) return typeof result === "string" && result !== "/" ? result : undefined;
    // With a display a person said no; without one nobody could be asked.
    if (hasDisplay(this.#host.env)) throw new NativeFailure(PROMPT_DISMISSED, "dismissed");
    return undefined;
  }

  async #defaultCollection(client: SecretServiceClient): Promise<string> {
    const collection = await client.collectionOfAlias(DEFAULT_ALIAS);
    const name = quote(this.#name);
    if (collection === undefined) {
      throw new NativeFailure(
        IS_LOCKED,
        `the collection ${name} cannot be made, and there is no default one`,
      );
    }
    if (!this.#hasWarned) {
      this.#host.talk.warn(
        `The Secret Service cannot make the collection ${name} here; ` +
          "the keys are stored in its default collection",
      );
    }
    this.#hasWarned = true;
    return collection;
  }

  /** Unlocks the default collection where there is one, and says whether it was locked. */
  async #unlockDefault(client: SecretServiceClient): Promise<boolean> {
    const collection = await client.collectionOfAlias(DEFAULT_ALIAS);
    if (collection !== undefined) return await this.#unlock(client, collection);
    if ((await client.collections()).length > 0) return false;
    // KeePassXC without an open database: nothing is there, but that says nothing about the keys.
    throw new NativeFailure(IS_LOCKED, "it has no collection: its database is not open");
  }

  /** Unlocks a collection or an item, and says whether it was locked; throws where nobody does it. */
  async #unlock(client: SecretServiceClient, path: string): Promise<boolean> {
    const isCollection = collectionOfItem(path) === `${SERVICE_PATH}/collection`;
    if (isCollection && !await client.isLocked(path)) return false;
    const unlocked = await client.unlock(path);
    if (unlocked.prompt === undefined && unlocked.result === undefined) {
      throw new NativeFailure(IS_LOCKED, "it is locked");
    }
    await this.#finish(client, unlocked);
    return true;
  }

  /** Performs the prompt that is left to do, if any. */
  async #finish(client: SecretServiceClient, prompted: Prompted): Promise<void> {
    if (prompted.prompt === undefined) return;
    if (!this.#mayPrompt) {
      throw new NativeFailure(IS_LOCKED, "it is locked, and nobody can be asked to unlock it");
    }
    const { isDismissed } = await client.perform(prompted.prompt);
    if (!isDismissed) return;
    throw hasDisplay(this.#host.env)
      ? new NativeFailure(PROMPT_DISMISSED, "its prompt was dismissed")
      : new NativeFailure(IS_LOCKED, "it is locked, and its prompt was dismissed or not shown");
  }

  async #act<T>(doing: string, act: (client: SecretServiceClient) => Promise<T>): Promise<T> {
    const client = await this.#client();
    try {
      return await act(client);
    } catch (error) {
      if (error instanceof NativeFailure) throw secretServiceFailed(doing, error);
      throw error;
    }
  }

  #client(): Promise<SecretServiceClient> {
    return this.#opening ??= this.#connect().catch((error) => {
      this.#opening = undefined;
      throw error;
    });
  }

  async #connect(): Promise<SecretServiceClient> {
    this.#connection = await connectSessionBus(this.#host);
    return new SecretServiceClient(this.#connection, this.#host.random, this.#limits);
  }
}

async function search(
  client: SecretServiceClient,
  attributes: ReadonlyMap<string, string>,
): Promise<Found[]> {
  const { unlocked, locked } = await client.search(attributes);
  return [
    ...unlocked.map((path) => ({ path, isLocked: false })),
    ...locked.map((path) => ({ path, isLocked: true })),
  ];
}

/** The keys of items by their attributes; items of others, which have no such attribute, are left out. */
async function readKeys(client: SecretServiceClient, items: readonly string[]): Promise<string[]> {
  const keys = new Set<string>();
  for (let i = 0; i < items.length; i += READ_AT_ONCE) {
    const attributes = await Promise.all(
      items.slice(i, i + READ_AT_ONCE).map((item) => unlessGone(() => client.attributes(item))),
    );
    for (const some of attributes) {
      const key = some?.get("profile");
      if (typeof key === "string" && key !== "") keys.add(key);
    }
  }
  return [...keys];
}

/** `undefined` where another process removed the item in the meantime. */
async function unlessGone<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    const gone = [
      "org.freedesktop.Secret.Error.NoSuchObject",
      "org.freedesktop.DBus.Error.UnknownObject",
      "org.freedesktop.DBus.Error.UnknownMethod",
    ];
    if (gone.some((symbol) => isFailure(error, symbol))) return undefined;
    throw error;
  }
}

function isFailure(error: unknown, symbol: string): boolean {
  return error instanceof NativeFailure && error.symbol === symbol;
}
