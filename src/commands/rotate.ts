import { WaitBudget } from "../cache/waiting_lock.ts";
import { singleFlight } from "../cache/flight.ts";
import { requestIdentity } from "../cache/identity.ts";
import { classifyItem, pendingProfile } from "../credentials/key_names.ts";
import { readStoredKey } from "../credentials/long_term_key.ts";
import { chooseProfile, planForProfile, type ProfilePlan } from "../credentials/profile_plan.ts";
import { type ErrorCode, VaultError } from "../errors.ts";
import { counted, quote } from "../text.ts";
import type { CommandContext, CredentialFlags, Invocation } from "./context.ts";
import { notePending } from "./key_notes.ts";
import { notePlan } from "./obtain_planned.ts";
import { rotateStored } from "./rotate_stored.ts";

/** The flags of `rotate`. */
export interface RotateFlags extends CredentialFlags {
  readonly resume?: boolean | undefined;
  readonly keepOld?: boolean | undefined;
  readonly deleteOther?: string | undefined;
  readonly nothingWasCreated?: boolean | undefined;
  readonly all?: boolean | undefined;
  /** In days. */
  readonly olderThan?: number | undefined;
  readonly dryRun?: boolean | undefined;
}

/** `rotate [PROFILE]`: replaces the stored key by a new one, in steps that can be resumed. */
export async function rotate(
  this: CommandContext,
  flags: RotateFlags,
  profile?: string,
): Promise<void> {
  const invocation = this.open(flags);
  if (flags.all && profile !== undefined) {
    throw new VaultError("bad-usage", `Cannot rotate ${quote(profile)} and all: choose one`);
  }
  const isAny = flags.resume && profile === undefined && !invocation.host.env.get("AWS_PROFILE");
  if (!flags.all && !isAny) {
    return await rotateOne(invocation, flags, chooseProfile(invocation, profile));
  }
  await rotateEach(invocation, flags, await namesOfMany(invocation, flags));
}

/** Every stored key; with `--resume`, what is pending. */
async function namesOfMany(invocation: Invocation, flags: RotateFlags): Promise<string[]> {
  const names = await (await invocation.keyring()).keys();
  const wanted = flags.resume
    ? names.map(pendingProfile).filter((name) => name !== undefined)
    : names.filter((name) => classifyItem(name) === "credential");
  if (wanted.length === 0) {
    invocation.talk.say(flags.resume ? "No rotation is pending" : "No keys are stored");
  }
  return wanted.sort();
}

/** One key that cannot be rotated does not keep the others from it. */
async function rotateEach(
  invocation: Invocation,
  flags: RotateFlags,
  names: readonly string[],
): Promise<void> {
  const failures: { readonly name: string; readonly code: ErrorCode }[] = [];
  for (const name of names) {
    try {
      await rotateOne(invocation, flags, name);
    } catch (error) {
      if (!(error instanceof VaultError) || error.code === "interrupted") throw error;
      if (names.length === 1) throw error;
      failures.push({ name, code: error.code });
      invocation.talk.warn(`${quote(name)}: ${error.message}`);
      for (const hint of error.hints) invocation.talk.hint(hint);
    }
  }
  const [first] = failures;
  if (first === undefined) return;
  throw new VaultError(
    first.code,
    `Cannot rotate ${failures.map(({ name }) => quote(name)).join(", ")}: ${
      counted(failures.length, "key")
    } of ${names.length}`,
  );
}

async function rotateOne(invocation: Invocation, flags: RotateFlags, name: string): Promise<void> {
  const planned = await planForProfile(invocation, flags, name);
  const owner = planned.plan.source.keyName;
  if (owner === undefined) {
    throw new VaultError("no-credentials", `Cannot rotate ${quote(name)}: it has no stored key`);
  }
  notePlan(invocation, planned);
  const generation = (await invocation.cache()).generation(owner);
  const identity = await requestIdentity({ action: "rotate", profile: owner });
  const budget = new WaitBudget(flags.wait === undefined ? undefined : flags.wait * 1000);
  await singleFlight(
    { ...invocation.host, talk: invocation.talk },
    { identity, profile: owner, budget },
    {
      look: () => Promise.resolve(undefined),
      act: () => rotateAlone(invocation, flags, planned, owner, generation),
    },
  );
}

/** Nobody else on this machine rotates this key in the meantime. */
async function rotateAlone(
  invocation: Invocation,
  flags: RotateFlags,
  planned: ProfilePlan,
  owner: string,
  generation: number,
): Promise<void> {
  const keyring = await invocation.keyring();
  if (!flags.resume && (await invocation.cache()).generation(owner) !== generation) {
    // Whoever was waited for has just done what this run is asked for.
    invocation.talk.say(
      `The key of profile ${quote(owner)} was replaced by another process just now`,
    );
    return;
  }
  const stored = await readStoredKey(keyring, owner);
  if (stored === undefined) {
    throw new VaultError("no-credentials", `No key is stored for ${quote(owner)}`);
  }
  try {
    await rotateStored(invocation, flags, planned, owner, stored);
  } catch (error) {
    await notePending(invocation, owner).catch(() => {});
    throw error;
  }
}
