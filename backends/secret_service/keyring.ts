/**
 * Long-term keys in the freedesktop.org Secret Service: gnome-keyring, KeePassXC, KDE's ksecretd and others.
 *
 * Items have the form of aws-vault 7 (docs/formats.md, "Secret Service"): in the collection `awsvault`,
 * label = key, attributes `{"profile": key}`, and the Item as JSON for the secret. If that collection cannot
 * be created (nobody can be asked for its password), items go to the default collection with one more
 * attribute, `application`, which distinguishes them from those of other programs and of other collections
 * (`shelf.ts`).
 *
 * A locked collection is unlocked, or causes an error; it never counts as empty.
 */

import type { Host } from "../../src/host.ts";
import type { Keyring, KeyringItem } from "../../src/keyring.ts";
import { type DBusConnection, NativeFailure } from "../../src/native.ts";
import type { Talk } from "../../src/talk.ts";
import { quote } from "../../src/text.ts";
import { decodeItem, encodeItem } from "../item.ts";
import { encodeAsciiJson } from "../item_ascii.ts";
import { PROMPT_UNANSWERED, SecretServiceClient, type SecretServiceLimits } from "./client.ts";
import { collectionOfItem, findCollection } from "./collection.ts";
import { IS_LOCKED, isNoSuchObject, PROMPT_DISMISSED, secretServiceFailed } from "./failure.ts";
import { DEFAULT_ALIAS, type Found, ItemFinder, unlessGone } from "./find.ts";
import { giveName, hasName } from "./public_name.ts";
import { ownAttributes, shelfAttributes, USUAL_COLLECTION } from "./shelf.ts";
import { encodeTitle, withoutPlaceholders } from "./title.ts";
import { createCollection, finish, type Person, unlock } from "./unlock.ts";
import { connectSessionBus, hasDisplay } from "../session_bus.ts";

/** What this back end needs of the world. */
export type SecretServiceHost = Pick<Host, "native" | "env" | "random"> & {
  readonly talk: Pick<Talk, "warn">;
};

/** How the keyring is opened. */
export interface SecretServiceOptions {
  /** The name of the collection; `awsvault` by default. */
  readonly collection?: string | undefined;
  /** Whether the service may show its own prompts to unlock, create or change something. */
  readonly mayPrompt: boolean;
  /** How long a call and a prompt may take; 10 s and 120 s by default. */
  readonly limits?: SecretServiceLimits | undefined;
}

const DEFAULT_COLLECTION = USUAL_COLLECTION;
const DEFAULT_LIMITS: SecretServiceLimits = { callMs: 10_000, promptMs: 120_000 };
/** How long a prompt that shows nothing may take. */
const SILENT_PROMPT_MS = 2_000;
/** The failures of a write that nobody allowed. */
const NOT_CREATED: ReadonlySet<string> = new Set([IS_LOCKED, PROMPT_DISMISSED, PROMPT_UNANSWERED]);
const CONTENT_TYPE = "application/json";

/** The keyring in the Secret Service. Connects on first use. */
export function openSecretServiceKeyring(
  host: SecretServiceHost,
  options: SecretServiceOptions,
): Keyring {
  return new SecretServiceKeyring(host, options);
}

class SecretServiceKeyring implements Keyring {
  readonly backend = "secret-service";
  readonly location: string;
  readonly #host: SecretServiceHost;
  readonly #name: string;
  readonly #person: Person;
  readonly #limits: SecretServiceLimits;
  #connection: DBusConnection | undefined;
  #opening: Promise<SecretServiceClient> | undefined;
  #cannotCreate = false;
  #hasWarned = false;

  constructor(host: SecretServiceHost, options: SecretServiceOptions) {
    this.#host = host;
    this.#name = options.collection ?? DEFAULT_COLLECTION;
    this.#person = { mayPrompt: options.mayPrompt, hasDisplay: hasDisplay(host.env) };
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.location = `collection ${quote(this.#name)}`;
  }

  has(key: string): Promise<boolean> {
    return this.#act(`look for ${quote(key)} in`, async (_, finder) => {
      return (await finder.find(key)).length > 0;
    });
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#act(`read ${quote(key)} from`, async (client, finder) => {
      // The session is negotiated while the service searches; a failure appears when the session is
      // used.
      const opening = client.session().catch(() => {});
      const [item] = await finder.find(key).finally(() => opening);
      if (item === undefined) return undefined;
      const secret = await unlessGone(() => this.#readSecret(client, item));
      return secret && decodeItem(new TextDecoder().decode(secret), key);
    });
  }

  hasPublicName(key: string, publicName: string): Promise<boolean | undefined> {
    return this.#act(`look for ${quote(key)} in`, async (client, finder) => {
      const [item] = await finder.find(key);
      return item === undefined ? false : await hasName(client, item, publicName);
    });
  }

  set(key: string, item: KeyringItem): Promise<void> {
    return this.#act(`store ${quote(key)} in`, async (client, finder) => {
      const own = await findCollection(client, this.#name) ??
        await this.#createCollection(client, finder);
      const collection = own ?? await this.#defaultCollection(client);
      await unlock(client, collection, this.#person);
      const secret = encodeAsciiJson(withoutPlaceholders(encodeItem(key, item)));
      const attributes = own === undefined ? shelfAttributes(this.#name, key) : ownAttributes(key);
      const find = () => finder.findIn(collection, attributes);
      const found = await find();
      // Before the secret: a killed writer leaves no name of something else.
      await this.#giveName(client, found, attributes, item.publicName);
      if (await this.#replaceSecret(client, found, secret)) return;
      try {
        const created = await client.createItem(collection, {
          label: encodeTitle(key),
          attributes,
          secret,
          contentType: CONTENT_TYPE,
        });
        await finish(client, created, this.#person, { ofOpen: true });
      } catch (error) {
        // Another process was faster; KeePassXC asks before it replaces an item of another program.
        const isRefused = error instanceof NativeFailure && NOT_CREATED.has(error.symbol);
        if (!isRefused || !await this.#replaceSecret(client, await find(), secret)) throw error;
      }
      await this.#giveName(client, await find(), attributes, item.publicName);
      if (own === undefined) return;
      // Until here the copy in the default collection was the item. Locked copies stay; ours counts.
      for (const copy of await finder.findMarked(key)) {
        const isCopy = !copy.isLocked && collectionOfItem(copy.path) !== own;
        if (isCopy) await this.#removeItem(client, copy);
      }
    });
  }

  remove(key: string): Promise<boolean> {
    return this.#act(`remove ${quote(key)} from`, async (client, finder) => {
      const items = new Map<string, Found>();
      for (const item of await finder.find(key)) items.set(item.path, item);
      for (const item of await finder.findMarked(key)) items.set(item.path, item);
      const removed: boolean[] = [];
      for (const item of items.values()) removed.push(await this.#removeItem(client, item));
      return removed.includes(true);
    });
  }

  keys(): Promise<string[]> {
    return this.#act("list the keys in", (_, finder) => finder.keys());
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#opening = undefined;
  }

  async #readSecret(client: SecretServiceClient, item: Found): Promise<Uint8Array> {
    if (item.isLocked) await unlock(client, item.path, this.#person);
    try {
      return await client.secret(item.path);
    } catch (error) {
      // KeePassXC shows an item as unlocked even if its use still has to be confirmed.
      const isLocked = error instanceof NativeFailure && error.symbol === IS_LOCKED;
      if (!isLocked || item.isLocked) throw error;
      return await this.#readSecret(client, { ...item, isLocked });
    }
  }

  /**
   * Replaces the secret of an item, and returns whether the item existed. For every other way to replace
   * an item, KeePassXC shows "Access Request", even if the person has switched that off.
   */
  async #replaceSecret(
    client: SecretServiceClient,
    found: Found | undefined,
    secret: Uint8Array<ArrayBuffer>,
  ): Promise<boolean> {
    if (found === undefined) return false;
    if (found.isLocked) await unlock(client, found.path, this.#person);
    try {
      await client.setSecret(found.path, secret, CONTENT_TYPE);
      return true;
    } catch (error) {
      if (isNoSuchObject(error)) return false;
      const isLocked = error instanceof NativeFailure && error.symbol === IS_LOCKED;
      if (!isLocked || found.isLocked) throw error;
      return await this.#replaceSecret(client, { ...found, isLocked }, secret);
    }
  }

  async #giveName(
    client: SecretServiceClient,
    found: Found | undefined,
    identity: ReadonlyMap<string, string>,
    publicName: string | undefined,
  ): Promise<void> {
    if (found === undefined || publicName === undefined) return;
    if (found.isLocked) await unlock(client, found.path, this.#person);
    await unlessGone(() => giveName(client, found, identity, publicName));
  }

  async #removeItem(client: SecretServiceClient, item: Found): Promise<boolean> {
    if (item.isLocked) await unlock(client, item.path, this.#person);
    const deleted = await unlessGone(() => client.deleteItem(item.path));
    if (deleted === undefined) return false;
    await finish(client, deleted, this.#person, { ofOpen: true });
    return true;
  }

  /**
   * Tried once: otherwise, with nobody there to answer, each write of a rotation would start the
   * prompter again. Items of ours in the default collection show that an earlier attempt failed.
   */
  async #createCollection(
    client: SecretServiceClient,
    finder: ItemFinder,
  ): Promise<string | undefined> {
    if (this.#cannotCreate) return undefined;
    if ((await finder.findMarked()).length > 0) {
      this.#hasWarned = true;
      return undefined;
    }
    const made = await createCollection(client, this.#name, this.#person);
    this.#cannotCreate = made === undefined;
    return made;
  }

  /** The collection to store in if ours cannot be created, which is reported once. */
  async #defaultCollection(client: SecretServiceClient): Promise<string> {
    const collection = await client.collectionOfAlias(DEFAULT_ALIAS);
    const name = quote(this.#name);
    if (collection === undefined) {
      const reason = `the collection ${name} cannot be created, and there is no default one`;
      throw new NativeFailure(IS_LOCKED, reason);
    }
    if (!this.#hasWarned) {
      this.#host.talk.warn(
        `The Secret Service cannot create the collection ${name} here; ` +
          "the keys are stored in its default collection",
      );
    }
    this.#hasWarned = true;
    return collection;
  }

  async #act<T>(
    doing: string,
    act: (client: SecretServiceClient, finder: ItemFinder) => Promise<T>,
  ): Promise<T> {
    const client = await this.#client();
    try {
      return await act(client, new ItemFinder(client, this.#name, this.#person));
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
    const { callMs, promptMs } = this.#limits;
    const limits = this.#person.mayPrompt
      ? this.#limits
      : { callMs, promptMs: Math.min(promptMs, SILENT_PROMPT_MS) };
    return new SecretServiceClient(this.#connection, this.#host.random, limits);
  }
}
