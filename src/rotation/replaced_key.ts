import { getCallerIdentity } from "../aws/sts.ts";
import type { LongTermKey } from "../credentials.ts";
import { quote } from "../text.ts";
import { settleLostCreate } from "./create_key.ts";
import { type PendingRotation, removePending } from "./pending.ts";
import type { RotateDeps } from "./rotate_deps.ts";
import { describeOldKey, replacedByOther, replacedMeanwhile } from "./rotate_errors.ts";

/**
 * Ends a rotation whose profile got another key in the meantime: that key stays, and the rotation's key is
 * deleted, if allowed. Throws `needs-person` if nobody can confirm that.
 */
export async function endReplaced(
  deps: RotateDeps,
  pending: PendingRotation,
  stored: LongTermKey,
): Promise<void> {
  const storedId = stored.accessKeyId;
  const made = pending.newKey?.accessKeyId;
  if (made === undefined && pending.createCalls.length > 0) {
    if (!await isOfUser(deps, stored, pending.userArn)) throw replacedByOther(pending, storedId);
    const known = pending.knownKeyIds && [...pending.knownKeyIds, storedId];
    await settleLostCreate(deps, { ...pending, knownKeyIds: known });
  }
  if (made !== undefined && !await isOfUser(deps, stored, pending.userArn)) {
    throw replacedByOther(pending, storedId, made);
  }
  if (made !== undefined) {
    const key = { userName: "", accessKeyId: made, status: "Active", created: undefined };
    const leave = await deps.mayDelete(key, []);
    if (leave !== "given") throw replacedMeanwhile(pending, storedId, made, leave);
    await deps.keys.delete(made);
    deps.talk.answer(`Deleted key ${made}`);
  }
  await removePending(deps.keyring, pending.profile);
  deps.talk.answer(
    `Ended the rotation of profile ${
      quote(pending.profile)
    }: key ${storedId} was stored in the meantime`,
  );
  deps.talk.hint(describeOldKey(pending));
}

/** Drops the record of a rotation, after a person confirmed that none of its keys is left over. */
export async function dropReplaced(deps: RotateDeps, pending: PendingRotation): Promise<void> {
  await removePending(deps.keyring, pending.profile);
  deps.talk.answer(`Ended the rotation of profile ${quote(pending.profile)}`);
}

/**
 * Another user's key cannot show what became of this one's: AWS reports others' keys as unknown.
 */
async function isOfUser(
  deps: RotateDeps,
  stored: LongTermKey,
  userArn: string,
): Promise<boolean> {
  const identity = await getCallerIdentity(deps.aws, { ...deps.sts, credentials: stored });
  return identity.arn === userArn;
}
