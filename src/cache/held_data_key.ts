import { hasCode } from "../errors.ts";
import { DATA_KEY_NAME, type Keyring } from "../keyring.ts";
import { warnOnce } from "../talk.ts";
import { asClause } from "../text.ts";
import {
  type DataKeyDeps,
  isUnreadable,
  obtainDataKey,
  readDataKey,
  warnUnreadable,
} from "./data_key.ts";
import type { DataKey } from "./seal.ts";

/**
 * The data key of this process; the keyring is read at most once, whatever it holds.
 *
 * `onMade` is called before a new key is made: nothing can open what an earlier key sealed.
 */
export class HeldDataKey {
  readonly #deps: DataKeyDeps;
  readonly #keyring: () => Promise<Keyring>;
  readonly #onMade: (keyring: Keyring) => void;
  #held: Promise<DataKey | undefined> | undefined;

  constructor(
    deps: DataKeyDeps,
    keyring: () => Promise<Keyring>,
    onMade: (keyring: Keyring) => void,
  ) {
    this.#deps = deps;
    this.#keyring = keyring;
    this.#onMade = onMade;
  }

  /** The key to open rows with, or `undefined` if there is no readable one; throws if it is locked. */
  read(): Promise<DataKey | undefined> {
    this.#held ??= this.#keyring().then(readDataKey).catch((error) => {
      this.#held = undefined;
      if (!isUnreadable(error)) throw error;
      // A profile that needs no keystore still works, and the next read reports what is wrong. A
      // new key would not fix a wrong passphrase.
      const isElse = ["keyring-unavailable", "bad-usage"].includes(error.code);
      if (!isElse) warnUnreadable(this.#deps.talk, error.message);
      return undefined;
    });
    return this.#held;
  }

  /** The key to seal rows with, or `undefined` if there is none: the credentials can still be used. */
  async obtain(): Promise<DataKey | undefined> {
    const known = await this.#held?.catch(() => undefined);
    if (known) return known;
    try {
      const keyring = await this.#keyring();
      const made = await obtainDataKey(this.#deps, keyring, () => this.#onMade(keyring));
      this.#held = Promise.resolve(made);
      return made;
    } catch (error) {
      if (!(error instanceof Error) || hasCode(error, "interrupted")) throw error;
      if (hasCode(error, "file-failed")) warnUnreadable(this.#deps.talk, error.message);
      else {
        const text = `Sessions are not cached: ${asClause(error.message)}`;
        warnOnce(this.#deps.talk, text, DATA_KEY_NAME);
      }
      return undefined;
    }
  }

  /** Forgets the key; the next use reads the keyring again. */
  forget(): void {
    this.#held = undefined;
  }
}
