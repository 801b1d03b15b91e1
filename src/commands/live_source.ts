import type { Credentials } from "../credentials.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import { withRole } from "../credentials/plan_role.ts";
import { VaultError } from "../errors.ts";
import type { Current, LiveCredentials } from "../server/live_credentials.ts";
import { LEAST_LIFE_SECONDS } from "../renewal_times.ts";
import type { CommandContext, Invocation } from "./context.ts";
import type { AccessFlags } from "./plan_access.ts";
import { confirm, handOut } from "./hand_out.ts";
import { asksInWindow, mayNeedPerson, obtainAlone, reportRenewal } from "./renewal.ts";

/** A program that requests more roles at once is probably enumerating them. */
const MOST_ROLES = 100;

/** The flags of a server's credentials. */
export interface LiveFlags extends AccessFlags {
  readonly lazy?: boolean | undefined;
}

/** Makes credentials that are kept alive: of a role, or the profile's own; the first ones may be given. */
type Keep = (roleArn: string | undefined, first?: Credentials) => LiveCredentials;

/** Opens a profile's credentials, once they are available (`--lazy`: at once). */
export async function openLiveSource(
  context: CommandContext,
  invocation: Invocation,
  { by, flags, planned }: { by: string; flags: LiveFlags; planned: ProfilePlan },
): Promise<LiveSource> {
  const { LiveCredentials } = await import("../server/live_credentials.ts");
  const { host } = invocation;
  const { name } = planned.profile;
  // One yes covers everything that the server gives while it runs: nobody is present at its
  // renewals.
  await confirm(invocation, planned);
  const recipient = { by, isConfirmed: true };
  const first = flags.lazy
    ? undefined
    : await handOut(invocation, flags, planned, recipient, LEAST_LIFE_SECONDS);
  invocation.keepDescriptors();
  return new LiveSource((roleArn, first) => {
    const change = (planned: ProfilePlan) =>
      roleArn === undefined ? planned : withRole(planned, roleArn);
    const obtain = (minTtlSeconds: number, mayAsk: boolean) =>
      obtainAlone(context, flags, name, { minTtlSeconds, by, change, mayAsk, isConfirmed: true });
    const live = new LiveCredentials({
      ...host,
      obtain: (minTtlSeconds) => obtain(minTtlSeconds, false),
      ask: asksInWindow(flags, host.env) ? (seconds) => obtain(seconds, true) : undefined,
      mayNeedPerson: () => mayNeedPerson(planned),
      onFailure: (error) => reportRenewal(host.talk, { profile: name, roleArn }, error),
    }, first);
    void live.keep();
    return live;
  }, first);
}

/** The credentials of a profile and of roles, each kept alive from its first request. */
export class LiveSource {
  readonly #keep: Keep;
  readonly #own: LiveCredentials;
  readonly #roles = new Map<string, LiveCredentials>();

  constructor(keep: Keep, first: Credentials | undefined) {
    this.#keep = keep;
    this.#own = keep(undefined, first);
  }

  /** The profile's credentials. */
  current(): Promise<Current> {
    return this.#own.current();
  }

  /** Credentials of a role that the profile's credentials assume. */
  async ofRole(roleArn: string): Promise<Current> {
    const known = this.#roles.get(roleArn);
    if (known === undefined && this.#roles.size >= MOST_ROLES) {
      return new VaultError("conflict", `This server serves at most ${MOST_ROLES} roles`);
    }
    const live = known ?? this.#keep(roleArn);
    this.#roles.set(roleArn, live);
    return await live.current();
  }

  /** Stops renewing. */
  stop(): void {
    for (const live of [this.#own, ...this.#roles.values()]) live.stop();
  }
}
