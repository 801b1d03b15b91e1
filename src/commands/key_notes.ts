import { pendingName } from "../credentials/key_names.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import { hasCode, VaultError } from "../errors.ts";
import { formatAge, isMadeThen } from "../rotation/age.ts";
import { commandLine, quote } from "../text.ts";
import type { Invocation } from "./context.ts";

const DEFAULT_MAX_AGE_DAYS = 90;

/** Says that a rotation of the profile's key is pending, where one is; reads no secret. */
export async function notePending(invocation: Invocation, owner: string): Promise<void> {
  const keyring = await invocation.keyring();
  if (await keyring.has(pendingName(owner))) invocation.host.talk.note(describePending(owner));
}

/** That a rotation is pending, and how it is finished. */
export function describePending(owner: string): string {
  return `A rotation of profile ${quote(owner)} is pending; finish it: ${
    commandLine(["rotate", "--resume"], owner)
  }`;
}

/** What the user of a stored key should know: that its rotation is pending, or that it is due. */
export async function noteKeyState(invocation: Invocation, { plan }: ProfilePlan): Promise<void> {
  const owner = plan.source.keyName;
  if (owner === undefined) return;
  await notePending(invocation, owner).catch((error) => {
    // Only a note: what needs the keystore says itself that it is locked, and for what.
    if (!hasCode(error, "keyring-locked")) throw error;
  });
  const maxAgeDays = readMaxAge(invocation);
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

/** `AWS_VAULT_KEY_MAX_AGE`: from how many days on a key is called old, such as `90d`; 0: never. */
function readMaxAge(invocation: Invocation): number {
  const text = invocation.host.env.get("AWS_VAULT_KEY_MAX_AGE");
  if (!text) return DEFAULT_MAX_AGE_DAYS;
  const days = /^(\d{1,5})d?$/.exec(text)?.[1];
  if (days !== undefined) return Number(days);
  throw new VaultError(
    "bad-usage",
    `Cannot understand AWS_VAULT_KEY_MAX_AGE ${quote(text)}: write days as 90d, or 0 for never`,
  );
}
