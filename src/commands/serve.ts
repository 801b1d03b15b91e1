import type { Credentials } from "../credentials.ts";
import { settleWishes } from "../credentials/policies.ts";
import { planForProfile, type ProfilePlan } from "../credentials/profile_plan.ts";
import { hasCode, VaultError } from "../errors.ts";
import { printLines } from "../print.ts";
import { LEAST_LIFE_SECONDS } from "../renewal_times.ts";
import type { CommandContext, GlobalFlags, Invocation, NarrowingFlags } from "./context.ts";
import { noteKeyState } from "./key_notes.ts";
import { confirm, handOut } from "./hand_out.ts";
import { notePlan } from "./obtain_planned.ts";
import { checkAddress } from "./server_flags.ts";
import { askServer, takeServerPlace } from "./server_place.ts";
import { parseStartGrant } from "./start_grants.ts";

/** The flags of `serve`. */
export interface ServeFlags extends GlobalFlags, NarrowingFlags {
  /** In seconds. */
  readonly duration?: number | undefined;
  readonly region?: string | undefined;
  readonly mfaToken?: string | undefined;
  readonly grant?: readonly string[] | undefined;
  readonly lazy?: boolean | undefined;
  readonly port?: number | undefined;
  readonly address?: string | undefined;
  readonly iKnowWhatIExpose?: boolean | undefined;
  readonly background?: boolean | undefined;
  readonly stop?: boolean | undefined;
  readonly printUnit?: boolean | undefined;
}

/** `serve [PROFILE…]`: one server of credentials for many programs, each with a separate grant. */
export async function serve(
  this: CommandContext,
  flags: ServeFlags,
  ...profiles: string[]
): Promise<void> {
  checkFlags(flags, profiles);
  const starts = (flags.grant ?? []).map(parseStartGrant);
  const invocation = this.open(flags);
  const { host } = invocation;
  if (flags.stop) return await stopServer(invocation);
  if (flags.printUnit) {
    const { renderUnit } = await import("./serve_unit.ts");
    return printLines(host.stdout, renderUnit(host, this.words));
  }
  // From here on tokens are in memory, whether a keystore is opened or not.
  host.native.guardMemory();
  const names = [...new Set([...profiles, ...starts.flatMap((start) => start.profiles)])];
  const settled = settleWishes(host, flags);
  const first = () => obtainFirst(invocation, settled, names);
  if (flags.background) {
    const { serveInBackground } = await import("./serve_background.ts");
    return await serveInBackground(this, invocation, {
      starts,
      isLazy: flags.lazy === true,
      first,
    });
  }
  const { serveHere } = await import("./serve_here.ts");
  this.exitWith(await serveHere(this, invocation, { flags: settled, profiles, starts, first }));
}

/** Throws `bad-usage` for conflicting flags. */
function checkFlags(flags: ServeFlags, profiles: readonly string[]): void {
  const acts = { "--stop": flags.stop, "--background": flags.background };
  const [one, other] = Object.entries({ ...acts, "--print-unit": flags.printUnit })
    .filter(([, isGiven]) => isGiven).map(([flag]) => flag);
  if (other !== undefined) {
    throw new VaultError("bad-usage", `Cannot use ${one} and ${other} together`);
  }
  if (flags.stop && (profiles.length > 0 || flags.grant !== undefined)) {
    throw new VaultError("bad-usage", "Cannot stop a part of the server: --stop ends all of it", {
      hints: ["End one program's access: aws-vault grant --revoke NAME"],
    });
  }
  if (flags.printUnit && flags.grant !== undefined) {
    // The output of a service is kept in a journal that others may read.
    throw new VaultError("bad-usage", "Cannot use --grant in a unit: its token would be logged", {
      hints: ["Create grants while the server runs: aws-vault grant PROFILE"],
    });
  }
  if (flags.port !== undefined && flags.port > 65_535) {
    throw new VaultError(
      "bad-usage",
      `Cannot listen on port ${flags.port}: the highest port is 65535`,
    );
  }
  if (flags.address !== undefined) checkAddress(flags.address, flags.iKnowWhatIExpose === true);
}

/** The first credentials of each profile; asks for what they need, but not with `--lazy`. */
async function obtainFirst(
  invocation: Invocation,
  flags: ServeFlags,
  profiles: readonly string[],
): Promise<ReadonlyMap<string, Credentials>> {
  const first = new Map<string, Credentials>();
  for (const profile of profiles) {
    const planned = await planForProfile(invocation, flags, profile);
    // One yes covers everything that the server gives of it: nobody is present at its renewals.
    await confirm(invocation, planned);
    if (flags.lazy) continue;
    await noteKeyState(invocation, planned);
    notePlan(invocation, planned);
    first.set(profile, await obtainOne(invocation, flags, planned));
  }
  return first;
}

async function obtainOne(invocation: Invocation, flags: ServeFlags, planned: ProfilePlan) {
  try {
    const recipient = { by: "serve", isConfirmed: true };
    return await handOut(invocation, flags, planned, recipient, LEAST_LIFE_SECONDS);
  } catch (error) {
    if (!hasCode(error, "needs-person", "keyring-locked")) throw error;
    throw new VaultError(error.code, error.message, {
      hints: [...error.hints, "Or start it without credentials, and obtain them later: --lazy"],
      cause: error,
    });
  }
}

async function stopServer({ host }: Invocation): Promise<void> {
  try {
    const { url, pid } = await askServer(host, { do: "stop" });
    // The server has ended once its place is free.
    (await takeServerPlace(host)).release();
    host.talk.say(`Stopped the server at ${url} (process ${pid})`);
  } catch (error) {
    if (!hasCode(error, "no-server")) throw error;
    host.talk.say("No server of yours is running");
  }
}
