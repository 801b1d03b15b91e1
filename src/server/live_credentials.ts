/**
 * Credentials that a server keeps valid: in memory, renewed before they expire, and never by a
 * request that waits for a person. SDKs give up after one or two seconds.
 */

import type { Credentials } from "../credentials.ts";
import { hasCode, VaultError } from "../errors.ts";
import type { Clock, Random } from "../host.ts";
import { JITTER_SECONDS, LEAST_LIFE_SECONDS, RENEW_BEFORE_SECONDS } from "../renewal_times.ts";

/** Credentials, or the reason why there are none. */
export type Current = Credentials | VaultError;

/** The dependencies of keeping credentials valid. */
export interface LiveDeps {
  readonly clock: Clock;
  readonly random: Pick<Random, "fraction">;
  /** Obtains credentials with at least this lifetime left, in seconds; asks nobody. */
  readonly obtain: (minTtlSeconds: number) => Promise<Credentials>;
  /** The same, asking a person in a window of the desktop; absent if none is configured. */
  readonly ask?: ((minTtlSeconds: number) => Promise<Credentials>) | undefined;
  /** Whether a renewal may need a person, for example for an MFA device; called once one has begun. */
  readonly mayNeedPerson?: (() => boolean) | undefined;
  /** Receives the error of a failed renewal, once until one has succeeded again. */
  readonly onFailure: (error: VaultError) => void;
}

/**
 * How long a request waits for a renewal that may need a person. Nobody waits for the person: the
 * answer reports it, or asks to retry.
 */
const PATIENCE_FOR_PERSON_MS = 150;

/** How much longer it waits otherwise; the SDKs for JavaScript and Java wait 1 s for its answer. */
const MORE_PATIENCE_MS = 750;

/** The delay after a failed renewal, in seconds: neither a missing person nor a network comes back sooner. */
const RETRY_AFTER_SECONDS = 5;

/** How long a dismissed window stays away, in seconds. */
const ASK_AGAIN_AFTER_SECONDS = 300;

/** Credentials that are renewed; `current` returns them, or the reason why there are none. */
export class LiveCredentials {
  readonly #deps: LiveDeps;
  readonly #stopped = new AbortController();
  #credentials: Credentials | undefined;
  #renewBeforeSeconds: number;
  #failure: { readonly error: VaultError; readonly at: number } | undefined;
  #renewal: Promise<void> | undefined;
  #isAsking = false;
  #askedAt = -Infinity;

  constructor(deps: LiveDeps, first?: Credentials) {
    this.#deps = deps;
    this.#credentials = first;
    this.#renewBeforeSeconds = this.#withJitter();
  }

  /** Renews them from now on, until {@linkcode LiveCredentials.stop}. */
  async keep(): Promise<void> {
    const { clock } = this.#deps;
    try {
      while (!this.#stopped.signal.aborted) {
        // Before the first request there is nothing to renew (`--lazy`).
        if (this.#credentials !== undefined && this.#isDue()) await this.#renew();
        // Short sleeps, not one until the renewal is due: sleep of the machine stops the timer, not
        // the expiration.
        await clock.sleep(RETRY_AFTER_SECONDS * 1000, this.#stopped.signal);
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
   * The answer to a request: the credentials in memory, as long as they are valid. Otherwise one
   * renewal for all requests, which wait for it a moment: a laptop may have slept past the
   * expiration. If a person may be needed, they wait less.
   */
  async current(): Promise<Current> {
    if (this.#isDue()) {
      const renewal = this.#renew();
      if (!this.#isAlive()) await Promise.race([renewal, this.#patience(renewal)]);
    }
    return this.#answer();
  }

  /**
   * The same for a caller that can wait: completes a renewal, also right after a failed one, since
   * a person calls it after having just fixed the problem.
   */
  async ready(): Promise<Current> {
    if (this.#secondsLeft() < this.#renewBeforeSeconds) await this.#renew();
    return this.#answer();
  }

  #answer(): Current {
    if (this.#credentials !== undefined && this.#isAlive()) return this.#credentials;
    return this.#failure?.error ??
      new VaultError("network", "New credentials are being obtained; ask again in a moment");
  }

  /** Not just the clock's own promise, which would continue after the renewal. */
  async #patience(renewal: Promise<void>): Promise<void> {
    const over = new AbortController();
    void renewal.finally(() => over.abort());
    const { clock, mayNeedPerson } = this.#deps;
    try {
      await clock.sleep(PATIENCE_FOR_PERSON_MS, over.signal);
      // Not earlier: only now does the renewal know whether it needs a person.
      if (mayNeedPerson?.() || this.#needsPerson()) return;
      await clock.sleep(MORE_PATIENCE_MS, over.signal);
    } catch {
      // The renewal has finished.
    }
  }

  #renew(): Promise<void> {
    this.#renewal ??= this.#attempt().finally(() => this.#renewal = undefined);
    return this.#renewal;
  }

  async #attempt(): Promise<void> {
    try {
      this.#take(await this.#deps.obtain(LEAST_LIFE_SECONDS));
    } catch (error) {
      const { ask } = this.#deps;
      if (ask === undefined || !isPersonNeeded(error) || !this.#mayAskAgain()) this.#fail(error);
      else void this.#askPerson(ask, error);
    }
  }

  /** During this, requests are answered, and nothing else is tried. */
  async #askPerson(ask: NonNullable<LiveDeps["ask"]>, { code }: VaultError): Promise<void> {
    this.#isAsking = true;
    const message = "A person is needed, and is being asked in a window; ask again in a moment";
    this.#failure = { error: new VaultError(code, message), at: this.#deps.clock.monotonicMs() };
    try {
      this.#take(await ask(LEAST_LIFE_SECONDS));
    } catch (error) {
      this.#failure = undefined;
      this.#fail(error);
    } finally {
      this.#isAsking = false;
      this.#askedAt = this.#deps.clock.monotonicMs();
    }
  }

  #take(credentials: Credentials): void {
    this.#credentials = credentials;
    this.#failure = undefined;
    // Credentials with a shorter lifetime would be renewed endlessly.
    this.#renewBeforeSeconds = Math.min(this.#withJitter(), this.#secondsLeft() / 2);
  }

  #fail(error: unknown): void {
    const known = error instanceof VaultError ? error : unforeseen(error);
    if (this.#failure === undefined) this.#deps.onFailure(known);
    this.#failure = { error: known, at: this.#deps.clock.monotonicMs() };
  }

  #needsPerson(): boolean {
    return this.#failure !== undefined && isPersonNeeded(this.#failure.error);
  }

  #mayAskAgain(): boolean {
    const waited = this.#deps.clock.monotonicMs() - this.#askedAt;
    return waited >= ASK_AGAIN_AFTER_SECONDS * 1000;
  }

  #withJitter(): number {
    return RENEW_BEFORE_SECONDS + this.#deps.random.fraction() * JITTER_SECONDS;
  }

  /** Whether a renewal is due, and the last failure is long enough ago. */
  #isDue(): boolean {
    const { clock } = this.#deps;
    const wait = RETRY_AFTER_SECONDS * 1000;
    if (this.#isAsking) return false;
    if (this.#failure && clock.monotonicMs() - this.#failure.at < wait) return false;
    return this.#secondsLeft() < this.#renewBeforeSeconds;
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

function isPersonNeeded(error: unknown): error is VaultError {
  return hasCode(error, "needs-person", "keyring-locked");
}

/** The server continues: the command that it serves may run for days. */
function unforeseen(cause: unknown): VaultError {
  const name = cause instanceof Error ? cause.name : typeof cause;
  const message = `The renewal failed because of a bug in aws-vault (${name}), please report it`;
  return new VaultError("internal", message, { cause });
}
