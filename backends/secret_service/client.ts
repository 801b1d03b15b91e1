/**
 * The Secret Service API (freedesktop.org draft 0.2) as calls over a bus connection.
 *
 * Every call has a time limit; failures are `NativeFailure`. failure.ts decides what they
 * mean for keys.
 */

import type { Host } from "../../src/host.ts";
import {
  type DBusConnection,
  type DBusValue,
  DBusVariant,
  NativeFailure,
} from "../../src/native.ts";
import { isSilence, nameOwner } from "../session_bus.ts";
import { waitForAnswer } from "./patience.ts";
import { openSession, type ServiceCall } from "./open_session.ts";
import { Provider, SERVICE_NAME, SERVICE_PATH } from "./provider.ts";
import type { SecretServiceSession } from "./session.ts";

/** Instead of an object path: no object, or no prompt is needed. */
const NO_OBJECT = "/";

/** The failure symbol of a prompt that waited too long. */
export const PROMPT_UNANSWERED = "prompt-unanswered";
const UNANSWERED = "Nobody answered the prompt";

/** How long each call, and each prompt that waits for a person, may take. */
export interface SecretServiceLimits {
  readonly callMs: number;
  readonly promptMs: number;
}

/** The answer of a service that may have to ask the person first. */
export interface Prompted {
  /** The immediate result, or `undefined`. */
  readonly result: string | undefined;
  /** The prompt to perform, or `undefined` if none is needed. */
  readonly prompt: string | undefined;
}

/** An item to store. */
export interface SecretServiceItem {
  readonly label: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly secret: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

/** The Secret Service at the other end of a connection. */
export class SecretServiceClient {
  /** The program at the other end. */
  readonly provider: Provider;
  readonly #connection: DBusConnection;
  readonly #random: Host["random"];
  readonly #limits: SecretServiceLimits;
  #session: Promise<SecretServiceSession> | undefined;

  constructor(connection: DBusConnection, random: Host["random"], limits: SecretServiceLimits) {
    this.#connection = connection;
    this.#random = random;
    this.#limits = limits;
    this.provider = new Provider(connection, limits.callMs);
  }

  /** The only session of this connection, opened on first use. */
  session(): Promise<SecretServiceSession> {
    return this.#session ??= openSession((...call) => this.#call(...call), this.#random);
  }

  /**
   * The paths of the items with these attributes, in all collections, unlocked ones first.
   *
   * KeePassXC with a locked database asks the person for its password before it answers: the wait,
   * and its end, are the same as for a prompt.
   */
  async search(attributes: ReadonlyMap<string, string>): Promise<SearchResult> {
    const { callMs, promptMs } = this.#limits;
    const answer = this.#connection.call({
      ...serviceCall(SERVICE_PATH, "Service", "SearchItems", "(a{ss})", [attributes]),
      timeoutMs: Math.max(callMs, promptMs),
    });
    const [unlocked, locked] = promptMs > callMs
      ? await waitForAnswer(this.#connection, answer.catch(rethrowUnanswered), callMs)
      : await answer;
    return { unlocked: paths(unlocked), locked: paths(locked) };
  }

  /** The paths of all collections. */
  async collections(): Promise<string[]> {
    return paths(await this.#property(SERVICE_PATH, "Service", "Collections"));
  }

  /** The collection with an alias, such as `default`. */
  async collectionOfAlias(alias: string): Promise<string | undefined> {
    const [path] = await this.#call(SERVICE_PATH, "Service", "ReadAlias", "(s)", [alias]);
    return object(path);
  }

  async label(path: string, of: "Collection" | "Item" = "Collection"): Promise<string> {
    return String(await this.#property(path, of, "Label"));
  }

  async isLocked(collection: string): Promise<boolean> {
    return await this.#property(collection, "Collection", "Locked") === true;
  }

  /** The paths of all items of a collection. */
  async items(collection: string): Promise<string[]> {
    return paths(await this.#property(collection, "Collection", "Items"));
  }

  async attributes(item: string): Promise<ReadonlyMap<string, DBusValue>> {
    const attributes = await this.#property(item, "Item", "Attributes");
    return attributes instanceof Map ? attributes : new Map();
  }

  /** Replaces the attributes of an item. */
  async setAttributes(item: string, attributes: ReadonlyMap<string, DBusValue>): Promise<void> {
    await this.#connection.call({
      destination: SERVICE_NAME,
      path: item,
      interface: "org.freedesktop.DBus.Properties",
      method: "Set",
      parameterType: "(ssv)",
      parameters: [
        "org.freedesktop.Secret.Item",
        "Attributes",
        new DBusVariant("a{ss}", attributes),
      ],
      timeoutMs: this.#limits.callMs,
    });
  }

  /** The result is the path itself if it is already unlocked. */
  async unlock(path: string): Promise<Prompted> {
    const [unlocked, prompt] = await this.#call(SERVICE_PATH, "Service", "Unlock", "(ao)", [[
      path,
    ]]);
    return { result: paths(unlocked).at(0), prompt: object(prompt) };
  }

  /** The result is the path of the new collection. */
  async createCollection(label: string): Promise<Prompted> {
    const properties = new Map([
      ["org.freedesktop.Secret.Collection.Label", new DBusVariant("s", label)],
    ]);
    const [path, prompt] = await this.#call(
      SERVICE_PATH,
      "Service",
      "CreateCollection",
      "(a{sv}s)",
      [properties, ""],
    );
    return { result: object(path), prompt: object(prompt) };
  }

  /** Replaces the item with the same attributes. The result is the path of the item. */
  async createItem(collection: string, item: SecretServiceItem): Promise<Prompted> {
    const session = await this.session();
    const properties = new Map([
      ["org.freedesktop.Secret.Item.Label", new DBusVariant("s", item.label)],
      ["org.freedesktop.Secret.Item.Attributes", new DBusVariant("a{ss}", item.attributes)],
    ]);
    const secret = await session.encrypt(item.secret, item.contentType);
    const [path, prompt] = await this.#call(
      collection,
      "Collection",
      "CreateItem",
      "(a{sv}(oayays)b)",
      [properties, secret, true],
    );
    return { result: object(path), prompt: object(prompt) };
  }

  /** Replaces only the secret of an item. */
  async setSecret(item: string, secret: Uint8Array<ArrayBuffer>, contentType: string) {
    const session = await this.session();
    const sent = await session.encrypt(secret, contentType);
    await this.#call(item, "Item", "SetSecret", "((oayays))", [sent]);
  }

  async secret(item: string): Promise<Uint8Array<ArrayBuffer>> {
    const session = await this.session();
    const [secret] = await this.#call(item, "Item", "GetSecret", "(o)", [session.path]);
    return await session.decrypt(secret);
  }

  async deleteItem(item: string): Promise<Prompted> {
    const [prompt] = await this.#call(item, "Item", "Delete", "()", []);
    return { result: undefined, prompt: object(prompt) };
  }

  /**
   * Shows a prompt and waits for the person; `isDismissed` if they closed it, or if it could not be
   * shown.
   *
   * After the time limit the prompt is withdrawn, and {@linkcode PROMPT_UNANSWERED} is thrown.
   */
  async perform(prompt: string): Promise<{ isDismissed: boolean; result: DBusValue | undefined }> {
    const completed = this.#connection.listen({
      sender: SERVICE_NAME,
      path: prompt,
      interface: "org.freedesktop.Secret.Prompt",
      member: "Completed",
    });
    try {
      // We have no window that the prompt could belong to.
      await this.#call(prompt, "Prompt", "Prompt", "(s)", [""]);
      const [isDismissed, result] = await this.#completion(prompt, completed);
      return { isDismissed: isDismissed === true, result };
    } finally {
      completed.close();
    }
  }

  async #completion(
    prompt: string,
    completed: ReturnType<DBusConnection["listen"]>,
  ): Promise<readonly DBusValue[]> {
    for (let leftMs = this.#limits.promptMs; leftMs > 0; leftMs -= this.#limits.callMs) {
      const values = await completed.next({ timeoutMs: Math.min(leftMs, this.#limits.callMs) });
      if (values !== undefined) return values;
      await this.#isAlive();
    }
    await this.#call(prompt, "Prompt", "Dismiss", "()", []).catch(() => {});
    throw new NativeFailure(PROMPT_UNANSWERED, UNANSWERED);
  }

  /** Throws if the service is gone: the signal would never come. */
  async #isAlive(): Promise<void> {
    const owner = await nameOwner(this.#connection, SERVICE_NAME, this.#limits.callMs);
    if (owner === undefined) {
      throw new NativeFailure("org.freedesktop.DBus.Error.ServiceUnknown", "The service has ended");
    }
  }

  async #property(
    path: string,
    interfaceName: string,
    name: string,
  ): Promise<DBusValue | undefined> {
    const [value] = await this.#connection.call({
      destination: SERVICE_NAME,
      path,
      interface: "org.freedesktop.DBus.Properties",
      method: "Get",
      parameterType: "(ss)",
      parameters: [`org.freedesktop.Secret.${interfaceName}`, name],
      timeoutMs: this.#limits.callMs,
    });
    return value;
  }

  #call(...call: Parameters<ServiceCall>): ReturnType<ServiceCall> {
    return this.#connection.call({ ...serviceCall(...call), timeoutMs: this.#limits.callMs });
  }
}

function serviceCall(
  path: string,
  interfaceName: string,
  method: string,
  parameterType: string,
  parameters: readonly DBusValue[],
) {
  return {
    destination: SERVICE_NAME,
    path,
    interface: `org.freedesktop.Secret.${interfaceName}`,
    method,
    parameterType,
    parameters,
  };
}

/** Item paths, grouped by whether their secrets can be read now. */
export interface SearchResult {
  readonly unlocked: readonly string[];
  readonly locked: readonly string[];
}

function paths(value: DBusValue | undefined): string[] {
  if (!Array.isArray(value)) return [];
  return value.filter((path) => typeof path === "string");
}

function object(value: DBusValue | undefined): string | undefined {
  return typeof value === "string" && value !== NO_OBJECT ? value : undefined;
}

/** For a call of a service that still answers others, and so waits for a person. */
function rethrowUnanswered(error: unknown): never {
  throw isSilence(error) ? new NativeFailure(PROMPT_UNANSWERED, UNANSWERED) : error;
}
