/** Lets a person pick a profile at a terminal. */

import { renderHelperEnvironment } from "../helper_environment.ts";
import { ProgramFailure } from "../host.ts";
import { VaultError } from "../errors.ts";
import { formatDuration } from "../credentials/plan_limits.ts";
import { makePicker, type PickerItem } from "../prompt/picker.ts";
import { readUses } from "../record/read_uses.ts";
import type { Invocation } from "./context.ts";
import { describeProfile, type ProfileFacts } from "./list_account.ts";
import { liveSessions } from "./live_sessions.ts";

/** fzf waits a day for a person. */
const PICK_TIMEOUT_MS = 86_400_000;

/**
 * The profile that a person picks; `undefined` if there is no terminal to ask on, or nothing to pick. Throws
 * `bad-usage` without a terminal if picking is forced, and `interrupted` if the person gives up.
 */
export async function pickProfile(
  invocation: Invocation,
  { isForced }: { readonly isForced: boolean },
): Promise<string | undefined> {
  const { host } = invocation;
  const { interact } = host.terminal;
  const isThere = interact !== undefined && await host.terminal.isAvailable();
  // A terminal that cannot move its cursor would print the control sequences.
  if (!isThere || host.env.get("TERM") === "dumb") {
    if (!isForced) return undefined;
    const why = isThere
      ? "TERM is dumb, so that nothing can be drawn"
      : "there is no terminal to ask on";
    throw new VaultError("bad-usage", `Cannot pick a profile: ${why}`, {
      hints: ["Name the profile", "See all profiles: aws-vault list"],
    });
  }
  const items = await pickerItems(invocation);
  if (items.length === 0) return undefined;
  const picked = host.env.get("AWS_VAULT_PICKER") === "fzf"
    ? await pickByFzf(invocation, items)
    : await interact(makePicker(items));
  if (picked !== undefined) return picked;
  throw new VaultError("interrupted", "No profile was picked");
}

/** The configured profiles, with what is known about them without a person or AWS. */
async function pickerItems(invocation: Invocation): Promise<PickerItem[]> {
  const { host } = invocation;
  const uses = Map.groupBy(readUses(host, {}), ({ profile }) => profile);
  const live = await liveSessions(invocation);
  const sessions = Map.groupBy(live.sessions, ({ profile }) => profile);
  const now = host.clock.now();
  return invocation.config().profileNames().map((name) => ({
    name,
    uses: uses.get(name)?.length ?? 0,
    describe() {
      const { account, role } = factsOf(invocation, name);
      const ends = sessions.get(name)?.map(({ expiration }) =>
        expiration.since(now).total("seconds")
      );
      const left = ends && Math.floor(Math.max(...ends) / 60) * 60;
      return [
        ...(account === undefined ? [] : [account]),
        ...(role === undefined ? [] : [role]),
        ...(left ? [`${formatDuration(left)} left`] : []),
      ].join("  ");
    },
  }));
}

/** Mistakes in a profile are reported when it is used, not when it is only listed. */
function factsOf(invocation: Invocation, profile: string): Partial<ProfileFacts> {
  try {
    return describeProfile(invocation, profile);
  } catch (error) {
    if (error instanceof VaultError) return {};
    throw error;
  }
}

/** fzf draws on the terminal itself; a name with a control character is not passed to it. */
async function pickByFzf(
  { host }: Invocation,
  items: readonly PickerItem[],
): Promise<string | undefined> {
  const names = items.toSorted((a, b) => b.uses - a.uses).map(({ name }) => name)
    // deno-lint-ignore no-control-regex -- one line is one name, and the terminal obeys the others
    .filter((name) => !/[\x00-\x1f\x7f-\x9f]/.test(name));
  try {
    const { code, stdout } = await host.programs.run({
      command: "fzf",
      args: ["--prompt=Profile: ", "--height=40%", "--layout=reverse"],
      stdin: names.join("\n") + "\n",
      stderr: "inherit",
      env: renderHelperEnvironment(host.env.all()),
      timeoutMs: PICK_TIMEOUT_MS,
    });
    const picked = new TextDecoder().decode(stdout).replace(/\r?\n$/, "");
    return code === 0 && names.includes(picked) ? picked : undefined;
  } catch (error) {
    if (!(error instanceof ProgramFailure)) throw error;
    throw new VaultError("helper-failed", `Cannot run fzf: ${error.message}`, {
      hints: ["Install it, or unset AWS_VAULT_PICKER"],
      cause: error,
    });
  }
}
