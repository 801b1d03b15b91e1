import { type ErrorCode, VaultError } from "../errors.ts";
import type { Talk } from "../talk.ts";
import { asClause, counted, quote } from "../text.ts";

/** Failures of a whole store: continuing would only repeat them for each key. */
const ENDS_ALL: readonly ErrorCode[] = [
  "interrupted",
  "needs-person",
  "keyring-locked",
  "keyring-unavailable",
  "wrong-passphrase",
];

/**
 * Processes many keys: a failure is reported and counted, and does not stop the
 * others.
 */
export class KeyTally {
  readonly #talk: Talk;
  readonly #counts = new Map<string, number>();
  readonly #failures: VaultError[] = [];
  /** Whether all failures are about keys. */
  #areKeys = true;

  constructor(talk: Talk) {
    this.#talk = talk;
  }

  /**
   * Processes one profile's key, or what `subject` names; `work` gives the words under which it is counted.
   */
  async count(
    profile: string,
    verb: string,
    work: () => Promise<readonly string[]>,
    subject?: string,
  ): Promise<void> {
    try {
      for (const outcome of await work()) {
        this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
      }
    } catch (error) {
      if (!(error instanceof VaultError) || ENDS_ALL.includes(error.code)) throw error;
      this.fail(profile, verb, error, subject);
    }
  }

  /** Reports and counts a failure that concerns only one profile's key. */
  fail(
    profile: string,
    verb: string,
    error: VaultError,
    subject?: string,
  ): void {
    this.#failures.push(error);
    if (subject !== undefined) this.#areKeys = false;
    const what = subject ?? `the key of profile ${quote(profile)}`;
    this.#talk.warn(`Cannot ${verb} ${what}: ${asClause(error.message)}`);
    for (const hint of error.hints) this.#talk.hint(hint);
  }

  /** `2 copied, 1 failed`. */
  summary(): string {
    const counts = [...this.#counts].map(([outcome, count]) => `${count} ${outcome}`);
    const failed = this.#failures.length;
    return [...counts, ...(failed > 0 ? [`${failed} failed`] : [])].join(", ") ||
      "Nothing was done";
  }

  /** Throws if anything failed, with the failures' code if all have the same. */
  throwIfFailed(verb: string): void {
    const [first] = this.#failures;
    if (first === undefined) return;
    const isOneCode = this.#failures.every(({ code }) => code === first.code);
    const keys = counted(this.#failures.length, this.#areKeys ? "key" : "item");
    throw new VaultError(isOneCode ? first.code : "conflict", `Could not ${verb} ${keys}`);
  }
}
