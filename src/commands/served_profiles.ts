/** The profiles of `serve`, each kept alive as long as a grant may read it. */

import type { Credentials } from "../credentials.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import { VaultError } from "../errors.ts";
import type { GrantTerms } from "../grant_terms.ts";
import { listPolicies } from "../session_policies.ts";
import type { Under } from "../server/control.ts";
import type { Grant } from "../server/grants.ts";
import type { Current, LiveCredentials, LiveDeps } from "../server/live_credentials.ts";
import type { TalkingHost } from "../talk.ts";
import { commandLine, quote } from "../text.ts";
import type { CommandContext, CredentialFlags, NarrowingFlags } from "./context.ts";
import { guardOf } from "./guard_of.ts";
import { recordServed } from "./hand_out.ts";
import { asksInWindow, mayNeedPerson, obtainAlone, reportRenewal, withTerms } from "./renewal.ts";

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

/** A profile that is kept alive. */
interface Kept {
  readonly profile: string;
  readonly terms: GrantTerms;
  readonly live: LiveCredentials;
}

/**
 * Profiles by their names, each once for all grants with the same terms and the same limits: after a change
 * of the settings, new grants never share credentials with earlier ones.
 */
export class ServedProfiles {
  readonly #deps: ServingDeps;
  /** The profiles that may be granted; all if none are named. */
  readonly #named: ReadonlySet<string>;
  readonly #kept = new Map<string, Kept>();
  /** The access key ID that each grant received last, for each of its profiles. */
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

  /** The limits of a profile under terms; throws `bad-usage` and the refusal of a guard rail. */
  async policiesUnder(profile: string, terms: GrantTerms): Promise<readonly string[]> {
    const { context, flags } = this.#deps;
    const invocation = context.openAside(flags);
    try {
      const { policies } = guardOf(invocation, profile, {
        ...withTerms(flags, terms),
        region: flags.region,
      }).guard;
      return policies === undefined ? [] : listPolicies(policies);
    } finally {
      await invocation.close();
    }
  }

  /** Keeps profiles alive whose credentials are available at the start. */
  async keepFirst(all: ReadonlyMap<string, Credentials>): Promise<void> {
    for (const [profile, first] of all) {
      this.keep(profile, { terms: {}, policies: await this.policiesUnder(profile, {}) }, first);
    }
  }

  /** Keeps a profile alive under terms, starting with its first credentials if they are given. */
  keep(profile: string, under: Under, first?: Credentials): LiveCredentials {
    const key = keyOf(profile, under);
    const known = this.#kept.get(key);
    if (known !== undefined) return known.live;
    const { context, flags, host, open } = this.#deps;
    const { terms, policies } = under;
    let planned: ProfilePlan | undefined;
    const onPlan = (plan: ProfilePlan) => planned = plan;
    const always = { isConfirmed: true, terms, policies, onPlan };
    const obtain = (minTtlSeconds: number, mayAsk: boolean) =>
      obtainAlone(context, flags, profile, { ...always, minTtlSeconds, mayAsk });
    const live = open({
      obtain: (minTtlSeconds) => obtain(minTtlSeconds, false),
      ask: asksInWindow(flags, host.env)
        ? (minTtlSeconds) => obtain(minTtlSeconds, true)
        : undefined,
      mayNeedPerson: () => planned === undefined || mayNeedPerson(planned),
      onFailure: (error) => reportRenewal(host.talk, { profile }, error),
    }, first);
    this.#kept.set(key, { profile, terms, live });
    void live.keep();
    return live;
  }

  /** The answer to a request, which never waits for a person. */
  async current(profile: string, grant: Grant): Promise<Current> {
    const under = { terms: grant.terms, policies: grant.policies.get(profile) ?? [] };
    const current = await this.keep(profile, under).current();
    if (!(current instanceof VaultError)) await this.#record(profile, grant, current);
    return current;
  }

  /** Records each key that a grant receives as a use: its program is not the one that obtained the key. */
  async #record(profile: string, grant: Grant, credentials: Credentials): Promise<void> {
    const given = this.#given.get(grant) ?? new Map<string, string>();
    if (given.get(profile) === credentials.accessKeyId) return;
    this.#given.set(grant, given.set(profile, credentials.accessKeyId));
    await recordServed(this.#deps.host, { profile, grant, credentials });
  }

  /** Forgets the credentials of profiles that were not named at the start, and that no grant needs. */
  keepOnly(grants: readonly Grant[]): void {
    const needed = new Set(
      grants.flatMap(({ profiles, terms, policies }) =>
        profiles.map((profile) => keyOf(profile, { terms, policies: policies.get(profile) ?? [] }))
      ),
    );
    for (const [key, { profile, terms, live }] of this.#kept) {
      const isNamed = this.#named.has(profile) && writeTerms(terms) === writeTerms({});
      if (isNamed || needed.has(key)) continue;
      live.stop();
      this.#kept.delete(key);
    }
  }

  /** Ends all renewing. */
  stop(): void {
    for (const { live } of this.#kept.values()) live.stop();
    this.#kept.clear();
  }
}

function keyOf(profile: string, { terms, policies }: Under): string {
  return JSON.stringify([profile, writeTerms(terms), policies]);
}

/** Writes equal terms in the same way: absent and false are equal. */
function writeTerms({ readOnly, policyArn, policy, denyRoleChaining, agent }: GrantTerms): string {
  const allowed = [readOnly === true, policyArn ?? [], policy ?? ""];
  return JSON.stringify([...allowed, denyRoleChaining === true, agent ?? ""]);
}
