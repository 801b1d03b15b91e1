import { classifyItem, pendingName, pendingProfile } from "../credentials/key_names.ts";
import { readStoredKey } from "../credentials/long_term_key.ts";
import { chooseProfile, planForProfile, type ProfilePlan } from "../credentials/profile_plan.ts";
import { type ErrorCode, hasCode, VaultError } from "../errors.ts";
import { asClause, commandLine, counted, quote } from "../text.ts";
import { pickUnnamed } from "./pick_unnamed.ts";
import type { CommandContext, Invocation } from "./context.ts";
import { describeNews, type KeyState, lookAtKey } from "./key_change.ts";
import { withKeyLock } from "./key_lock.ts";
import { notePending } from "./key_notes.ts";
import { notePlan } from "./obtain_planned.ts";
import type { RotateFlags } from "./rotate_flags.ts";
import { isKnownYoung, rotateStored } from "./rotate_stored.ts";

/** `rotate [PROFILE]`: replaces the stored key with a new one, in steps that can be resumed. */
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
    return await rotateOne(
      invocation,
      flags,
      chooseProfile(invocation, profile || await pickUnnamed(invocation, flags)),
    );
  }
  await rotateEach(invocation, flags, await namesOfMany(invocation, flags));
}

/** Every stored key; with `--resume`, every pending rotation. */
async function namesOfMany(invocation: Invocation, flags: RotateFlags): Promise<string[]> {
  const names = await (await invocation.keyring()).keys();
  const wanted = flags.resume
    ? names.map(pendingProfile).filter((name) => name !== undefined)
    : names.filter((name) => classifyItem(name) === "credential");
  if (wanted.length === 0) {
    invocation.host.talk.answer(flags.resume ? "No rotation is pending" : "No keys are stored");
  }
  return wanted.sort();
}

/** A key that cannot be rotated does not stop the others. */
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
      invocation.host.talk.warn(`${quote(name)}: ${asClause(error.message)}`);
      for (const hint of error.hints) invocation.host.talk.hint(hint);
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
  const planned = await planForProfile(invocation, { ...flags, use: "own" }, name);
  const owner = planned.plan.source.keyName;
  if (owner === undefined) {
    throw new VaultError("no-credentials", `Cannot rotate ${quote(name)}: it has no stored key`, {
      hints: ["See what is stored: aws-vault list --credentials"],
    });
  }
  notePlan(invocation, planned);
  const keyring = await invocation.keyring();
  const seen = await lookAtKey(invocation, keyring, owner);
  await withKeyLock(
    invocation,
    [keyring],
    owner,
    () => rotateAlone(invocation, flags, planned, owner, seen),
  );
}

/** Rotates while nobody else on this machine changes this key; checks what they changed before. */
async function rotateAlone(
  invocation: Invocation,
  flags: RotateFlags,
  planned: ProfilePlan,
  owner: string,
  seen: KeyState,
): Promise<void> {
  const keyring = await invocation.keyring();
  const news = describeNews(seen, await lookAtKey(invocation, keyring, owner));
  const stored = await readStoredKey(keyring, owner);
  if (stored === undefined) {
    const why = news === undefined ? "no key is stored for it" : `its key ${news}`;
    throw new VaultError("no-credentials", `Cannot rotate ${quote(owner)}: ${why}`);
  }
  if (news !== undefined && !flags.resume && !await keyring.has(pendingName(owner))) {
    // The process that this one waited for has just rotated the key.
    invocation.host.talk.answer(
      `The key of profile ${quote(owner)} was replaced by another process just now`,
    );
    return;
  }
  const isPending = await keyring.has(pendingName(owner));
  if (!flags.resume && !isPending && await isKnownYoung(invocation, flags, owner)) return;
  const stopExplaining = await invocation.host.interrupts.explain([
    `hint: Ctrl-C loses nothing; to finish the rotation: ${
      commandLine(["rotate", "--resume"], owner)
    }`,
  ]);
  try {
    await rotateStored(invocation, flags, planned, owner, stored);
  } catch (error) {
    const isBegun = await notePending(invocation, owner).catch(() => true);
    if (!isBegun && hasCode(error, "interrupted")) {
      invocation.host.talk.hint(
        `Nothing was started, and no key was created; to try again: ${
          commandLine(["rotate"], owner)
        }`,
      );
    }
    throw error;
  } finally {
    stopExplaining();
  }
}
