/**
 * Long-term keys in a separate macOS keychain: generic passwords of the service `aws-vault`; the account
 * is the key, the data are the credential itself (docs/formats.md, "Keychain").
 *
 * Uses Security.framework, so that an item trusts this signed program. Where it cannot be loaded, uses
 * the program `security`, whose items trust no program.
 */

import { VaultError } from "../../src/errors.ts";
import { renderHelperEnvironment } from "../../src/helper_environment.ts";
import { type Host, ProgramFailure } from "../../src/host.ts";
import type { Keyring, KeyringItem } from "../../src/keyring.ts";
import { type Keychain, type KeychainOptions, NativeFailure } from "../../src/native.ts";
import type { Talk } from "../../src/talk.ts";
import { quote, wordToType } from "../../src/text.ts";
import { type DumpedItem, DumpUnreadable, parseDump } from "./dump.ts";
import { keychainFailed, NO_INTERACTION } from "./failure.ts";
import { askNewPassword, askPassword } from "./password.ts";
import { type KeychainPlace, resolveKeychain } from "./path.ts";
import { ProgramKeychain, SECURITY_PROGRAM } from "./program.ts";

/** What this back end needs of the world. */
export type KeychainHost =
  & Pick<Host, "env" | "native" | "programs" | "files" | "platform" | "terminal">
  & { readonly talk: Pick<Talk, "warn"> };

/** How the keyring is opened. */
export interface KeychainKeyringOptions {
  /** `--keychain`; `aws-vault` by default. */
  readonly keychain?: string | undefined;
  /** Whether macOS may show its dialogs, or a password may be asked for at the terminal. */
  readonly mayPrompt: boolean;
  /** `--biometrics`, accepted for scripts of aws-vault 7. It has no effect, and a warning says so. */
  readonly biometrics?: boolean | undefined;
  readonly limits?: { readonly callMs: number; readonly promptMs: number } | undefined;
  /** For tests: another program in place of `/usr/bin/security`. */
  readonly securityProgram?: string | undefined;
}

const SERVICE = "aws-vault";
const DEFAULT_LIMITS = { callMs: 10_000, promptMs: 120_000 };

/** The keyring in a keychain. Nothing is opened before the first use. */
export function openKeychainKeyring(host: KeychainHost, options: KeychainKeyringOptions): Keyring {
  if (options.biometrics) {
    // Touch ID items are in another store (the data protection keychain), which requires an
    // entitlement from Apple, and where aws-vault 7 would not find them.
    host.talk.warn(
      "--biometrics has no effect: the keychain asks for its password, not for Touch ID",
    );
  }
  return new KeychainKeyring(host, resolveKeychain(host.platform, options.keychain), options);
}

/** Why keychains cannot be used here, or `undefined` if they can. Fast and silent. */
export async function probeKeychain(
  host: Pick<KeychainHost, "native" | "programs">,
  securityProgram = SECURITY_PROGRAM,
): Promise<string | undefined> {
  if (await host.native.keychains() !== undefined) return undefined;
  if (host.programs.find(securityProgram) !== undefined) return undefined;
  return "neither Security.framework nor the program security is on this machine";
}

class KeychainKeyring implements Keyring {
  readonly backend = "keychain";
  readonly location: string;
  readonly #host: KeychainHost;
  readonly #place: KeychainPlace;
  readonly #options: KeychainKeyringOptions;
  readonly #limits: { readonly callMs: number; readonly promptMs: number };
  #opened: Promise<Keychain> | undefined;
  #unlocking: Promise<void> | undefined;

  constructor(host: KeychainHost, place: KeychainPlace, options: KeychainKeyringOptions) {
    this.location = `keychain ${place.path}`;
    this.#host = host;
    this.#place = place;
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
  }

  has(key: string): Promise<boolean> {
    return this.#act("look for", key, (keychain) => keychain.has(nameOf(key)));
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#act("read", key, (keychain) => keychain.read(nameOf(key)));
  }

  set(key: string, item: KeyringItem): Promise<void> {
    const { data, label } = item;
    const content = { data, label, description: describe(item) };
    return this.#act("store", key, async (keychain) => {
      if (await keychain.state() === "missing") await this.#create(keychain);
      if (await keychain.modify(nameOf(key), content)) return;
      try {
        await keychain.add(nameOf(key), content);
      } catch (error) {
        // Another process was faster.
        if (!isFailure(error, "errSecDuplicateItem")) throw error;
        await keychain.modify(nameOf(key), content);
      }
    });
  }

  remove(key: string): Promise<boolean> {
    return this.#act("remove", key, (keychain) => keychain.remove(nameOf(key)));
  }

  /**
   * Uses the program, which needs no trust: it prints what no keychain encrypts, and reads no
   * secret.
   */
  keys(): Promise<string[]> {
    return this.#act("list the keys in", undefined, async (keychain) => {
      return (await this.#items(keychain)).map(({ account }) => account);
    });
  }

  hasPublicName(key: string, publicName: string): Promise<boolean | undefined> {
    return this.#act("look for", key, async (keychain) => {
      const item = (await this.#items(keychain)).find(({ account }) => account === key);
      if (item === undefined) return false;
      const shown = publicNameOf(item.description);
      return shown === undefined ? undefined : shown === publicName;
    });
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    (await opened)?.close();
  }

  async #items(keychain: Keychain): Promise<DumpedItem[]> {
    if (await keychain.state() === "missing") return [];
    return parseDump(await this.#dump()).filter(({ service }) => service === SERVICE);
  }

  async #dump(): Promise<string> {
    const { code, stdout, stderr } = await this.#host.programs.run({
      command: this.#program,
      args: ["dump-keychain", this.#place.path],
      env: renderHelperEnvironment(this.#host.env.all()),
      timeoutMs: this.#limits.callMs,
      // Some 500 bytes per item; a keychain can have thousands of items.
      mostOutput: 100_000_000,
    });
    if (code === 0) return new TextDecoder().decode(stdout);
    const said = stderr.trim().split("\n").at(-1) ?? "";
    throw new NativeFailure("dump", said === "" ? `security ended with exit code ${code}` : said);
  }

  /** macOS asks the person for the password of a new keychain. If it cannot, the terminal does. */
  async #create(keychain: Keychain): Promise<void> {
    if (!this.#options.mayPrompt) throw this.#nobodyToAsk();
    try {
      await keychain.create(undefined);
    } catch (error) {
      if (isFailure(error, "errSecDuplicateKeychain")) return;
      if (!isFailure(error, ...NO_INTERACTION) || !await this.#hasTerminal) throw error;
      await keychain.create(await askNewPassword(this.#host, this.#place.name));
    }
  }

  #nobodyToAsk(): VaultError {
    return new VaultError(
      "needs-person",
      `Cannot create ${this.location}: it needs a password, and nobody can be asked`,
      { hints: [`Create it first: security create-keychain ${wordToType(this.#place.path)}`] },
    );
  }

  async #act<T>(
    verb: string,
    key: string | undefined,
    act: (keychain: Keychain) => Promise<T>,
  ): Promise<T> {
    const place = ["store", "look for"].includes(verb) ? "in" : "from";
    const doing = key === undefined ? verb : `${verb} ${quote(key)} ${place}`;
    try {
      return await this.#unlocked(act);
    } catch (error) {
      const failure = asNativeFailure(error);
      if (failure === undefined) throw error;
      throw keychainFailed(doing, this.#place, failure);
    }
  }

  /**
   * Acts, and retries once after an unlock at the terminal if macOS cannot show its own dialog. One
   * unlock serves all calls of this keyring, including those that wait at the same time.
   */
  async #unlocked<T>(act: (keychain: Keychain) => Promise<T>): Promise<T> {
    const keychain = await this.#keychain;
    try {
      return await act(keychain);
    } catch (error) {
      if (!isFailure(error, ...NO_INTERACTION)) throw error;
      if (!this.#options.mayPrompt || !await this.#hasTerminal) throw error;
      // An unlocked one refuses because the item trusts another program: no password helps.
      if (await keychain.state() === "unlocked" && this.#unlocking === undefined) throw error;
      this.#unlocking ??= this.#unlock(keychain);
      await this.#unlocking;
      return await act(keychain);
    }
  }

  async #unlock(keychain: Keychain): Promise<void> {
    const password = await askPassword(this.#host, this.#place.name);
    try {
      await keychain.unlock(password);
    } catch (error) {
      if (!isFailure(error, "errSecAuthFailed")) throw error;
      throw new VaultError(
        "wrong-passphrase",
        `Cannot unlock the keychain ${quote(this.#place.name)}: the password is wrong`,
        {
          hints: [
            "It is the one that the keychain was created with, which can differ from the login password",
          ],
        },
      );
    }
  }

  get #keychain(): Promise<Keychain> {
    return this.#opened ??= this.#open();
  }

  async #open(): Promise<Keychain> {
    const { mayPrompt } = this.#options;
    const timeoutMs = mayPrompt ? this.#limits.promptMs : this.#limits.callMs;
    const options: KeychainOptions = { mayPrompt, timeoutMs };
    const library = await this.#host.native.keychains();
    if (library !== undefined) return library.open(this.#place.path, options);
    return new ProgramKeychain(this.#host, this.#program, this.#place.path, options);
  }

  get #program(): string {
    return this.#options.securityProgram ?? SECURITY_PROGRAM;
  }

  get #hasTerminal(): Promise<boolean> {
    return this.#host.terminal.isAvailable();
  }
}

function nameOf(key: string) {
  return { service: SERVICE, account: key };
}

/** A locked keychain shows descriptions, so that of an item with a public name ends with it. */
function describe({ description = "", publicName }: KeyringItem): string {
  return publicName === undefined ? description : `${description} (ID ${publicName})`.trimStart();
}

function publicNameOf(description: string): string | undefined {
  return /\(ID ([0-9A-Za-z]{1,64})\)$/.exec(description)?.[1];
}

function isFailure(error: unknown, ...symbols: readonly string[]): boolean {
  return error instanceof NativeFailure && symbols.includes(error.symbol);
}

function asNativeFailure(error: unknown): NativeFailure | undefined {
  if (error instanceof NativeFailure) return error;
  if (error instanceof DumpUnreadable) {
    return new NativeFailure("unreadable", error.message, { cause: error });
  }
  if (!(error instanceof ProgramFailure)) return undefined;
  const symbol = error.kind === "timeout" ? "timeout" : "unavailable";
  return new NativeFailure(symbol, error.message, { cause: error });
}
