/** The profiles of `serve`, each kept alive for as long as somebody may read it. */

import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import type { GrantTerms } from "../grant_terms.ts";
import { listPolicies } from "../session_policies.ts";
import type { Grant } from "../server/grants.ts";
import type { Current, LiveCredentials, LiveDeps } from "../server/live_credentials.ts";
import type { TalkingHost } from "../talk.ts";
import { commandLine, quote } from "../text.ts";
import type { CommandContext, CredentialFlags, NarrowingFlags } from "./context.ts";
import { guardOf } from "./guard_of.ts";
import { recordServed } from "./hand_out.ts";
import { asksInWindow, obtainAlone, reportRenewal, withTerms } from "./renewal.ts";

/** What keeping profiles alive needs. */
export interface ServingDeps {
  readonly context: CommandContext;
  readonly flags: CredentialFlags & NarrowingFlags;
  readonly host: TalkingHost;
  readonly open: (
    deps: Pick<LiveDeps, "obtain" | "ask" | "mayNeedPerson" | "onFailure">,
    first?: Credentials,
  ) => LiveCredentials;
}

/** Profiles by their names, each once for all grants under the same terms. */
export class ServedProfiles {
  readonly #deps: ServingDeps;
  /** Those that may be granted; all where none are named. */
  readonly #named: ReadonlySet<string>;
  readonly #live = new Map<string, LiveCredentials>();
  /** The access key id that each grant was given last, of each of its profiles. */
  readonly #given = new WeakMap<Grant, Map<string, string>>();

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

  /** What a profile is narrowed to under terms; throws `bad-usage` and the refusal of a guard rail. */
  async policiesUnder(profile: string, terms: GrantTerms): Promise<readonly string[]> {
    const { context, flags } = this.#deps;
    const invocation = context.openAside(flags);
    try {
      const { policies } = guardOf(invocation, profile, withTerms(flags, terms)).guard;
      return policies === undefined ? [] : listPolicies(policies);
    } finally {
      await invocation.close();
    }
  }

  /** Keeps a profile alive under terms, from its first credentials on where they are there. */
  keep(profile: string, terms: GrantTerms = {}, first?: Credentials): LiveCredentials {
    const key = keyOf(profile, terms);
    const known = this.#live.get(key);
    if (known !== undefined) return known;
    const { context, flags, host, open } = this.#deps;
    const obtain = (minTtlSeconds: number, mayAsk: boolean) =>
      obtainAlone(context, flags, profile, { minTtlSeconds, mayAsk, isConfirmed: true, terms });
    const live = open({
      obtain: (minTtlSeconds) => obtain(minTtlSeconds, false),
      ask: asksInWindow(flags, host.env)
        ? (minTtlSeconds) => obtain(minTtlSeconds, true)
        : undefined,
      // Nobody waits for another program's renewal for longer than that takes to be found out.
      mayNeedPerson: true,
      onFailure: (error) => reportRenewal(host.talk, profile, error),
    }, first);
    this.#live.set(key, live);
    void live.keep();
    return live;
  }

  /** The answer to a request, which waits for nobody. */
  async current(profile: string, grant: Grant): Promise<Current> {
    const current = await this.keep(profile, grant.terms).current();
    if (!(current instanceof VaultError)) await this.#record(profile, grant, current);
    return current;
  }

  /** Each key that a grant gets is a use of its own: its program is not the one for which it was obtained. */
  async #record(profile: string, grant: Grant, credentials: Credentials): Promise<void> {
    const given = this.#given.get(grant) ?? new Map<string, string>();
    if (given.get(profile) === credentials.accessKeyId) return;
    this.#given.set(grant, given.set(profile, credentials.accessKeyId));
    await recordServed(this.#deps.host, { profile, grant, credentials });
  }

  /** Forgets the credentials of profiles that were not named at the start, and that no grant needs. */
  keepOnly(grants: readonly Grant[]): void {
    const ofGrants = grants.flatMap(({ profiles, terms }) =>
      profiles.map((profile) => keyOf(profile, terms))
    );
    const needed = new Set([...ofGrants, ...[...this.#named].map((name) => keyOf(name, {}))]);
    for (const [key, live] of this.#live) {
      if (needed.has(key)) continue;
      live.stop();
      this.#live.delete(key);
    }
  }

  /** Ends all renewing. */
  stop(): void {
    for (const live of this.#live.values()) live.stop();
    this.#live.clear();
  }
}

/** Terms that mean the same are written in one way: what is absent or false is not there. */
function keyOf(profile: string, terms: GrantTerms): string {
  const { readOnly, policyArn, policy, denyRoleChaining, agent } = terms;
  const known = [readOnly === true, policyArn ?? [], policy ?? "", denyRoleChaining === true];
  return JSON.stringify([profile, ...known, agent ?? ""]);
}
