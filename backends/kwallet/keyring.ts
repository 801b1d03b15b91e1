/**
 * Long-term keys in KDE's KWallet: entries of the wallet and folder `aws-vault`, each the keyring
 * item as JSON (docs/formats.md, "KWallet").
 *
 * KWallet answers calls on a closed wallet with an empty result instead of an error. So nothing
 * counts as missing before the wallet is known to be open.
 */

import { hasCode, VaultError, type VaultErrorOptions } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import type { Keyring, KeyringItem } from "../../src/keyring.ts";
import { type DBusConnection, NativeFailure } from "../../src/native.ts";
import { asClause, quote } from "../../src/text.ts";
import { decodeItem, encodeItem } from "../item.ts";
import { encodeAsciiJson } from "../item_ascii.ts";
import { findKWalletService, KWalletClient, type KWalletLimits } from "./client.ts";
import {
  callFailed,
  connectSessionBus,
  describe,
  hasDisplay,
  type ProbeLimits,
} from "../session_bus.ts";

/** What this back end needs of the world. */
export type KWalletHost = Pick<Host, "native" | "env">;

/** What the probe needs: also the settings of a KWallet that is not running. */
export type KWalletProbeHost = KWalletHost & Pick<Host, "files" | "platform">;

/** How the keyring is opened. */
export interface KWalletOptions {
  /** Whether KWallet may show its dialogs to open or create the wallet. */
  readonly mayPrompt: boolean;
  readonly limits?: KWalletLimits | undefined;
}

const PLACE = { wallet: "aws-vault", folder: "aws-vault", application: "aws-vault" };
const DEFAULT_LIMITS: KWalletLimits = { callMs: 10_000, promptMs: 120_000 };
const PROBE_LIMITS: ProbeLimits = { connectMs: 800, callMs: 300 };
/** What `removeEntry` returns if the entry did not exist. */
const NO_SUCH_ENTRY = -3;

/** The keyring in KWallet. Connects on first use. */
export function openKWalletKeyring(host: KWalletHost, options: KWalletOptions): Keyring {
  return new KWalletKeyring(host, options);
}

/**
 * Why KWallet cannot be used here, or `undefined` if it can.
 *
 * Fast (less than 2 s) and silent: it starts no program and shows no dialog.
 */
export async function probeKWallet(
  host: KWalletProbeHost,
  { connectMs, callMs } = PROBE_LIMITS,
): Promise<string | undefined> {
  let connection: DBusConnection | undefined;
  try {
    connection = await connectSessionBus(host, connectMs);
    return await probe(host, connection, callMs);
  } catch (error) {
    if (hasCode(error, "keyring-unavailable")) return error.message;
    if (error instanceof NativeFailure) return `KWallet fails: ${asClause(describe(error))}`;
    throw error;
  } finally {
    connection?.close();
  }
}

async function probe(
  host: KWalletProbeHost,
  connection: DBusConnection,
  callMs: number,
): Promise<string | undefined> {
  const service = await findKWalletService(connection, callMs);
  if (service === undefined) return "KWallet is not installed, or not for this session bus";
  const client = new KWalletClient(connection, service, PLACE, { callMs, promptMs: callMs });
  try {
    return await client.isEnabled({ autoStart: false }) ? undefined : SWITCHED_OFF;
  } catch (error) {
    if (!isNotRunning(error)) throw error;
    if (isSwitchedOff(host)) return SWITCHED_OFF;
    // KWallet has windows, and exits immediately if it cannot show them.
    return hasDisplay(host.env) ? undefined : "KWallet is not running, and there is no display";
  }
}

const SWITCHED_OFF = "KWallet is turned off in its settings";

/** Whether the person's settings make KWallet exit as soon as it starts (`kwalletrc`, a KConfig file). */
function isSwitchedOff(host: KWalletProbeHost): boolean {
  const config = host.env.get("XDG_CONFIG_HOME") || `${host.platform.home ?? ""}/.config`;
  const settings = host.files.readText(`${config}/kwalletrc`) ?? "";
  const [, wallet = ""] = settings.split(/^\[Wallet\].*$/m);
  return /^Enabled(\[\$\w+\])?=false\s*$/m.test(wallet.split(/^\[/m)[0] ?? "");
}

/** No program owns the name. The error depends on who notices it, the bus or GIO. */
function isNotRunning(error: unknown): boolean {
  return error instanceof NativeFailure &&
    /\.(ServiceUnknown|NameHasNoOwner)$/.test(error.symbol);
}

class KWalletKeyring implements Keyring {
  readonly backend = "kwallet";
  readonly location = `wallet ${quote(PLACE.wallet)}`;
  readonly #host: KWalletHost;
  readonly #mayPrompt: boolean;
  readonly #limits: KWalletLimits;
  #connection: DBusConnection | undefined;
  #opening: Promise<KWalletClient> | undefined;
  #handle: number | undefined;

  constructor(host: KWalletHost, options: KWalletOptions) {
    this.#host = host;
    this.#mayPrompt = options.mayPrompt;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
  }

  has(key: string): Promise<boolean> {
    return this.#act(`look for ${quote(key)} in`, async (client) => {
      if (!await this.#mayHold(client, key)) return false;
      return await this.#withHandle(client, (handle) => client.hasEntry(handle, key), isFalse);
    });
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#act(`read ${quote(key)} from`, async (client) => {
      if (!await this.#mayHold(client, key)) return undefined;
      const read = (handle: number) => client.readEntry(handle, key);
      const bytes = await this.#withHandle(client, read, isEmpty);
      // An empty entry contains no item: some versions of KWallet leave one behind.
      return isEmpty(bytes) ? undefined : decodeItem(new TextDecoder().decode(bytes), key);
    });
  }

  set(key: string, item: KeyringItem): Promise<void> {
    return this.#act(`store ${quote(key)} in`, async (client) => {
      const data = encodeAsciiJson(encodeItem(key, item));
      const write = (handle: number) => client.writeEntry(handle, key, data);
      const result = await this.#withHandle(client, write, isFailure);
      if (isFailure(result)) {
        throw new NativeFailure(`KWallet:${result}`, "it could not be written");
      }
      await this.#sync(client);
    });
  }

  remove(key: string): Promise<boolean> {
    return this.#act(`remove ${quote(key)} from`, async (client) => {
      if (!await this.#mayHold(client, key)) return false;
      // In a wallet without the folder, removing succeeds without removing anything.
      const has = (handle: number) => client.hasEntry(handle, key);
      if (!await this.#withHandle(client, has, isFalse)) return false;
      const remove = (handle: number) => client.removeEntry(handle, key);
      const result = await this.#withHandle(client, remove, isFailure);
      if (result === NO_SUCH_ENTRY) return false;
      if (isFailure(result)) {
        throw new NativeFailure(`KWallet:${result}`, "it could not be removed");
      }
      await this.#sync(client);
      return true;
    });
  }

  keys(): Promise<string[]> {
    return this.#act("list the keys in", async (client) => {
      if (!await this.#mayHold(client)) return [];
      const names = await this.#withHandle(client, (handle) => client.entryList(handle), isEmpty);
      return names.filter((name) => name !== "");
    });
  }

  close(): void {
    // KWallet notices that the connection is closed, and releases what we opened.
    this.#connection?.close();
    this.#connection = undefined;
    this.#opening = undefined;
    this.#handle = undefined;
  }

  /**
   * Whether the wallet can contain the key, or any key. Asks nobody: without this check, a lookup
   * would create a wallet, or ask for the password of one that does not have the key.
   */
  async #mayHold(client: KWalletClient, key?: string): Promise<boolean> {
    if (this.#handle !== undefined || await client.isWalletOpen()) return true;
    if (!await client.exists()) return false;
    return key === undefined || !await client.isSurelyMissing(key);
  }

  /** Acts with a handle. If the answer looks like that of a closed wallet, opens it once more. */
  async #withHandle<T>(
    client: KWalletClient,
    act: (handle: number) => Promise<T>,
    looksClosed: (answer: T) => boolean,
  ): Promise<T> {
    for (const isLastTry of [false, true]) {
      const handle = await this.#open(client);
      const answer = await act(handle);
      if (!looksClosed(answer) || await client.isHandleOpen(handle)) return answer;
      this.#handle = undefined;
      if (isLastTry) break;
    }
    throw new NativeFailure(IS_CLOSED, "the wallet was closed in the meantime");
  }

  async #open(client: KWalletClient): Promise<number> {
    if (this.#handle !== undefined) return this.#handle;
    if (!await client.isEnabled()) throw new NativeFailure(IS_OFF, "it is turned off");
    if (!this.#mayPrompt && !await client.isWalletOpen()) {
      throw new NativeFailure(
        IS_CLOSED,
        "its wallet is closed, and nobody can be asked to open it",
      );
    }
    this.#handle = await client.open();
    if (this.#handle !== undefined) return this.#handle;
    throw new NativeFailure(
      IS_CLOSED,
      `it refused to open the wallet ${quote(PLACE.wallet)}, or its dialog was dismissed`,
    );
  }

  async #sync(client: KWalletClient): Promise<void> {
    if (this.#handle !== undefined) await client.sync(this.#handle);
  }

  async #act<T>(doing: string, act: (client: KWalletClient) => Promise<T>): Promise<T> {
    try {
      return await act(await this.#client());
    } catch (error) {
      if (error instanceof NativeFailure) throw kwalletFailed(doing, error);
      throw error;
    }
  }

  #client(): Promise<KWalletClient> {
    return this.#opening ??= this.#connect().catch((error) => {
      this.close();
      throw error;
    });
  }

  async #connect(): Promise<KWalletClient> {
    this.#connection = await connectSessionBus(this.#host);
    const service = await findKWalletService(this.#connection, this.#limits.callMs);
    if (service === undefined) throw new NativeFailure(IS_OFF, "it is not installed");
    const promptMs = this.#mayPrompt ? this.#limits.promptMs : this.#limits.callMs;
    return new KWalletClient(this.#connection, service, PLACE, { ...this.#limits, promptMs });
  }
}

const IS_CLOSED = "wallet-closed";
const IS_OFF = "kwallet-off";

function kwalletFailed(doing: string, failure: NativeFailure): VaultError {
  const message = `Cannot ${doing} KWallet: ${asClause(failure.message)}`;
  const because = (...hints: string[]): VaultErrorOptions => ({ hints, cause: failure });
  if (failure.symbol === IS_OFF) {
    return new VaultError(
      "keyring-unavailable",
      message,
      because(
        "Turn on KWallet in the system settings, or choose another keystore with --backend",
      ),
    );
  }
  if (failure.symbol !== IS_CLOSED) return callFailed(`${doing} KWallet`, failure);
  return new VaultError(
    "keyring-locked",
    message,
    because(
      "Open the wallet in the desktop session, such as with KWalletManager, and allow aws-vault to use it",
      "Or choose a keystore that needs no desktop: --backend=pass or --backend=file",
    ),
  );
}

function isFalse(answer: boolean): boolean {
  return !answer;
}

function isEmpty(answer: { readonly length: number }): boolean {
  return answer.length === 0;
}

function isFailure(answer: number): boolean {
  return answer < 0;
}
