/**
 * Credentials that a server keeps alive: in memory, renewed before they expire, and never by a
 * request that waits for a person. SDKs give up after one or two seconds.
 */

import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import type { Clock, Random } from "../host.ts";

/** Credentials, or why there are none. */
export type Current = Credentials | VaultError;

/** What keeping credentials alive needs. */
export interface LiveDeps {
  readonly clock: Clock;
  readonly random: Pick<Random, "fraction">;
  /** Obtains credentials that live this long at least, in seconds; asks nobody. */
  readonly obtain: (minTtlSeconds: number) => Promise<Credentials>;
  /** Gets the error of a renewal that failed, once until one has worked again. */
  readonly onFailure: (error: VaultError) => void;
}

/** From here on there is a renewal, in seconds before the end: what the AWS SDKs take for nearly expired. */
const RENEW_BEFORE_SECONDS = 300;

/** Servers that were started together do not ask AWS together. */
const JITTER_SECONDS = 30;

/** How long a request waits for a renewal; the JavaScript SDK waits 1 s for its answer. */
const PATIENCE_MS = 900;

/** After a failed renewal, in seconds: a person who is needed does not come sooner, nor does a network. */
const RETRY_AFTER_SECONDS = 5;

/** Credentials that are renewed; `current` is them or has why there are none. */
export class LiveCredentials {
  readonly #deps: LiveDeps;
  readonly #stopped = new AbortController();
  #credentials: Credentials | undefined;
  #failure: { readonly error: VaultError; readonly at: number } | undefined;
  #renewal: Promise<void> | undefined;

  constructor(deps: LiveDeps, first?: Credentials) {
    this.#deps = deps;
    this.#credentials = first;
  }

  /** Renews them from now on, until {@linkcode LiveCredentials.stop}. */
  async keep(): Promise<void> {
    const { clock, random } = this.#deps;
    try {
      while (!this.#stopped.signal.aborted) {
        // Before anybody has asked there is nothing to renew (`--lazy`).
        if (this.#credentials !== undefined && this.#isDue()) await this.#renew();
        const jitter = random.fraction() * JITTER_SECONDS;
        await clock.sleep((RETRY_AFTER_SECONDS + jitter) * 1000, this.#stopped.signal);
      }
    } catch (error) {
      if (!this.#stopped.signal.aborted) throw error;
    }
  }

  /** Ends {@linkcode LiveCredentials.keep}. */
  stop(): void {
    this.#stopped.abort();
  }

  /**
   * What a request gets: what is in memory, as long as it lives. Else one renewal for all requests,
   * which they wait for a moment: a laptop may have slept through the end.
   */
  async current(): Promise<Current> {
    if (this.#isDue()) {
      const renewal = this.#renew();
      if (!this.#isAlive()) await Promise.race([renewal, this.#patience(renewal)]);
    }
    if (this.#credentials !== undefined && this.#isAlive()) return this.#credentials;
    return this.#failure?.error ??
      new VaultError("network", "New credentials are being obtained; ask again in a moment");
  }

  /** Not the clock's own promise alone: it would go on after the renewal. */
  async #patience(renewal: Promise<void>): Promise<void> {
    const over = new AbortController();
    void renewal.finally(() => over.abort());
    await this.#deps.clock.sleep(PATIENCE_MS, over.signal).catch(() => {});
  }

  #renew(): Promise<void> {
    this.#renewal ??= this.#attempt().finally(() => this.#renewal = undefined);
    return this.#renewal;
  }

  async #attempt(): Promise<void> {
    try {
      this.#credentials = await this.#deps.obtain(RENEW_BEFORE_SECONDS + JITTER_SECONDS);
      this.#failure = undefined;
    } catch (error) {
      const known = error instanceof VaultError ? error : unforeseen(error);
      if (this.#failure === undefined) this.#deps.onFailure(known);
      this.#failure = { error: known, at: this.#deps.clock.monotonicMs() };
    }
  }

  /** Whether it is time to renew, and the last failure is a while ago. */
  #isDue(): boolean {
    const { clock } = this.#deps;
    const wait = RETRY_AFTER_SECONDS * 1000;
    if (this.#failure && clock.monotonicMs() - this.#failure.at < wait) return false;
    return this.#secondsLeft() < RENEW_BEFORE_SECONDS;
  }

  #isAlive(): boolean {
    return this.#secondsLeft() > 0;
  }

  #secondsLeft(): number {
    if (this.#credentials === undefined) return 0;
    const { expiration } = this.#credentials;
    if (expiration === undefined) return Infinity;
    return expiration.since(this.#deps.clock.now()).total("seconds");
  }
}

/** The server goes on: the command that it serves may run for days. */
function unforeseen(cause: unknown): VaultError {
  const name = cause instanceof Error ? cause.name : typeof cause;
  const message = `The renewal failed by a defect of aws-vault (${name}), please report it`;
  return new VaultError("internal", message, { cause });
}
