/**
 * KWallet's D-Bus interface `org.kde.KWallet` as calls over a bus connection (XML description:
 * org.kde.KWallet.xml of KDE's kwallet). Failures are `NativeFailure`.
 */

import type { DBusConnection, DBusValue } from "../../src/native.ts";
import { isNameAvailable } from "../session_bus.ts";

/** The services of Plasma 6 and Plasma 5, which have the same interface. */
const SERVICES = [
  { name: "org.kde.kwalletd6", path: "/modules/kwalletd6" },
  { name: "org.kde.kwalletd5", path: "/modules/kwalletd5" },
] as const;

/** One of the services that implement the interface. */
export type KWalletService = typeof SERVICES[number];

/**
 * The first service that runs or that the bus can start; `undefined` if there is none. Starts no
 * service.
 */
export async function findKWalletService(
  connection: DBusConnection,
  timeoutMs: number,
): Promise<KWalletService | undefined> {
  for (const service of SERVICES) {
    if (await isNameAvailable(connection, service.name, timeoutMs)) return service;
  }
  return undefined;
}

/** How long each call, and an `open` that waits for a person, may take. */
export interface KWalletLimits {
  readonly callMs: number;
  readonly promptMs: number;
}

/** The caller: the name that KWallet shows, and the place of its entries. */
export interface KWalletPlace {
  readonly wallet: string;
  readonly folder: string;
  readonly application: string;
}

/** KWallet at the other end of a connection, for one folder of one wallet. */
export class KWalletClient {
  readonly #connection: DBusConnection;
  readonly #service: KWalletService;
  readonly #place: KWalletPlace;
  readonly #limits: KWalletLimits;

  constructor(
    connection: DBusConnection,
    service: KWalletService,
    place: KWalletPlace,
    limits: KWalletLimits,
  ) {
    this.#connection = connection;
    this.#service = service;
    this.#place = place;
    this.#limits = limits;
  }

  /** Whether KWallet is enabled in the person's settings. `autoStart: false` starts no program. */
  async isEnabled(options: { autoStart?: boolean } = {}): Promise<boolean> {
    return await this.#call("isEnabled", "()", [], options) === true;
  }

  /** Whether the wallet exists, open or not. */
  async exists(): Promise<boolean> {
    const wallets = await this.#call("wallets", "()", []);
    return Array.isArray(wallets) && wallets.includes(this.#place.wallet);
  }

  /** Whether the wallet is open for any program. */
  async isWalletOpen(): Promise<boolean> {
    return await this.#call("isOpen", "(s)", [this.#place.wallet]) === true;
  }

  /** Whether a handle is still valid: the person can close a wallet at any time. */
  async isHandleOpen(handle: number): Promise<boolean> {
    return await this.#call("isOpen", "(i)", [handle]) === true;
  }

  /**
   * Opens the wallet, created if missing, and returns a handle; `undefined` if it was refused.
   *
   * KWallet may show a dialog; the call waits for it.
   */
  async open(): Promise<number | undefined> {
    const { wallet, application } = this.#place;
    const timeoutMs = this.#limits.promptMs;
    // 0: we have no window that the dialog could belong to.
    const handle = await this.#call("open", "(sxs)", [wallet, 0n, application], { timeoutMs });
    return typeof handle === "number" && handle >= 0 ? handle : undefined;
  }

  /** Whether KWallet reports, without opening the wallet, that an entry does not exist. */
  async isSurelyMissing(key: string): Promise<boolean> {
    const { wallet, folder } = this.#place;
    return await this.#call("keyDoesNotExist", "(sss)", [wallet, folder, key]) === true;
  }

  async hasEntry(handle: number, key: string): Promise<boolean> {
    return await this.#callInFolder("hasEntry", handle, "s", [key]) === true;
  }

  /** The bytes of an entry; empty for a missing entry or an invalid handle. */
  async readEntry(handle: number, key: string): Promise<Uint8Array> {
    const bytes = await this.#callInFolder("readEntry", handle, "s", [key]);
    return bytes instanceof Uint8Array ? bytes : new Uint8Array();
  }

  /** Returns 0, or a negative number on failure. */
  async writeEntry(handle: number, key: string, data: Uint8Array): Promise<number> {
    if (await this.#callInFolder("hasFolder", handle, "", []) !== true) {
      await this.#callInFolder("createFolder", handle, "", []);
    }
    return Number(await this.#callInFolder("writeEntry", handle, "say", [key, data]));
  }

  /** Returns 0, -3 if the entry does not exist, or another negative number on failure. */
  async removeEntry(handle: number, key: string): Promise<number> {
    return Number(await this.#callInFolder("removeEntry", handle, "s", [key]));
  }

  async entryList(handle: number): Promise<string[]> {
    const names = await this.#callInFolder("entryList", handle, "", []);
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  }

  /** Writes the wallet to disk immediately; KWallet would do it some seconds later. */
  async sync(handle: number): Promise<void> {
    await this.#call("sync", "(is)", [handle, this.#place.application]);
  }

  #callInFolder(
    method: string,
    handle: number,
    type: string,
    parameters: readonly DBusValue[],
  ): Promise<DBusValue | undefined> {
    const { folder, application } = this.#place;
    return this.#call(method, `(is${type}s)`, [handle, folder, ...parameters, application]);
  }

  async #call(
    method: string,
    parameterType: string,
    parameters: readonly DBusValue[],
    options: { timeoutMs?: number; autoStart?: boolean } = {},
  ): Promise<DBusValue | undefined> {
    const [value] = await this.#connection.call({
      destination: this.#service.name,
      path: this.#service.path,
      interface: "org.kde.KWallet",
      method,
      parameterType,
      parameters,
      timeoutMs: this.#limits.callMs,
      ...options,
    });
    return value;
  }
}
