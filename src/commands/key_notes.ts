import { readMaxAge } from "../credentials/key_age.ts";
import { pendingName } from "../credentials/key_names.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import { hasCode } from "../errors.ts";
import { formatAge, isMadeThen } from "../rotation/age.ts";
import { commandLine, quote } from "../text.ts";
import type { Invocation } from "./context.ts";

/** Reports a pending rotation of the profile's key, and returns whether there is one; reads no secret. */
export async function notePending(invocation: Invocation, owner: string): Promise<boolean> {
  const keyring = await invocation.keyring();
  const isPending = await keyring.has(pendingName(owner));
  if (isPending) invocation.host.talk.note(describePending(owner));
  return isPending;
}

/** Describes a pending rotation, and how to finish it. */
export function describePending(owner: string): string {
  return `A rotation of profile ${quote(owner)} is pending; finish it: ${
    commandLine(["rotate", "--resume"], owner)
  }`;
}

/** Notes for the user of a stored key: its rotation is pending, or due. */
export async function noteKeyState(invocation: Invocation, { plan }: ProfilePlan): Promise<void> {
  const owner = plan.source.keyName;
  if (owner === undefined) return;
  await notePending(invocation, owner).catch((error) => {
    // Only a note: code that needs the keystore reports a locked one itself, and why that matters.
    if (!hasCode(error, "keyring-locked")) throw error;
  });
  const maxAgeDays = readMaxAge(invocation.host.env);
  if (maxAgeDays === 0) return;
  const created = (await invocation.cache()).keyCreated(owner);
  const now = invocation.host.clock.now();
  if (created === undefined || now.since(created).total("hours") / 24 < maxAgeDays) return;
  invocation.host.talk.hint(
    `The key of profile ${quote(owner)} is ${formatAge(created, now)}${
      isMadeThen(created) ? "" : " at least"
    }: ${commandLine(["rotate"], owner)}`,
  );
}
