/** The profiles of `serve`, each kept alive for as long as somebody may read it. */

import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import type { Env } from "../host.ts";
import type { Current, LiveCredentials, LiveDeps } from "../server/live_credentials.ts";
import type { Talk } from "../talk.ts";
import { commandLine, quote } from "../text.ts";
import type { CommandContext, CredentialFlags, NarrowingFlags } from "./context.ts";
import { asksInWindow, obtainAlone, reportRenewal } from "./renewal.ts";

/** What keeping profiles alive needs. */
export interface ServingDeps {
  readonly context: CommandContext;
  readonly flags: CredentialFlags & NarrowingFlags;
  readonly talk: Talk;
  readonly env: Env;
  readonly open: (
    deps: Pick<LiveDeps, "obtain" | "ask" | "mayNeedPerson" | "onFailure">,
    first?: Credentials,
  ) => LiveCredentials;
}

/** Profiles by their names. */
export class ServedProfiles {
  readonly #deps: ServingDeps;
  /** Those that may be granted; all where none are named. */
  readonly #named: ReadonlySet<string>;
  readonly #live = new Map<string, LiveCredentials>();

  constructor(deps: ServingDeps, named: Iterable<string>) {
    this.#deps = deps;
    this.#named = new Set(named);
  }

  /** Throws `conflict` for a profile that the server was not started for. */
  requireServed(profile: string): void {
    if (this.#named.size === 0 || this.#named.has(profile)) return;
    const names = [...this.#named].map(quote).join(", ");
    throw new VaultError("conflict", `Cannot grant profile ${quote(profile)}: it is not served`, {
      hints: [
        `The server was started for ${names}`,
        `Start it for this one, too: ${commandLine(["serve", ...this.#named], profile)}`,
      ],
    });
  }

  /** Keeps a profile alive, from its first credentials on where they are there. */
  keep(profile: string, first?: Credentials): LiveCredentials {
    const known = this.#live.get(profile);
    if (known !== undefined) return known;
    const { context, flags, talk, env, open } = this.#deps;
    const obtain = (minTtlSeconds: number, mayAsk: boolean) =>
      obtainAlone(context, flags, profile, { minTtlSeconds, mayAsk, isConfirmed: true });
    const live = open({
      obtain: (minTtlSeconds) => obtain(minTtlSeconds, false),
      ask: asksInWindow(flags, env) ? (minTtlSeconds) => obtain(minTtlSeconds, true) : undefined,
      // Nobody waits for another program's renewal for longer than that takes to be found out.
      mayNeedPerson: true,
      onFailure: (error) => reportRenewal(talk, profile, error),
    }, first);
    this.#live.set(profile, live);
    void live.keep();
    return live;
  }

  /** The answer to a request, which waits for nobody. */
  current(profile: string): Promise<Current> {
    return this.keep(profile).current();
  }

  /** Forgets the credentials of profiles that were not named at the start, and that no grant needs. */
  keepOnly(needed: ReadonlySet<string>): void {
    for (const [profile, live] of this.#live) {
      if (this.#named.has(profile) || needed.has(profile)) continue;
      live.stop();
      this.#live.delete(profile);
    }
  }

  /** Ends all renewing. */
  stop(): void {
    for (const live of this.#live.values()) live.stop();
    this.#live.clear();
  }
}
