import type { AccessKeyInfo } from "../aws/iam.ts";
import { VaultError } from "../errors.ts";
import { commandLine, quote, wordToType } from "../text.ts";
import type { PendingRotation } from "./pending.ts";
import { formatAge } from "./age.ts";
import type { Leave, RotateDeps } from "./rotate_deps.ts";

/** The keys of a user, one line each: whose, how old, and when last used. */
export async function describeKeys(
  deps: Pick<RotateDeps, "aws" | "keys">,
  keys: readonly AccessKeyInfo[],
  storedId: string,
): Promise<string[]> {
  const now = deps.aws.http.awsNow();
  const lines: string[] = [];
  for (const key of keys) {
    const whose = key.accessKeyId === storedId ? "stored here" : "not stored here";
    lines.push(
      `${key.accessKeyId} (${whose}): ${key.status}, ${
        formatAge(key.created, now)
      }, ${await describeLastUse(deps, key.accessKeyId)}`,
    );
  }
  return lines;
}

async function describeLastUse(deps: Pick<RotateDeps, "keys">, id: string): Promise<string> {
  const use = await deps.keys.lastUse(id);
  if (use === undefined) return "last use unknown (GetAccessKeyLastUsed is denied)";
  if (use.lastUsed === undefined) return "never used";
  const time = use.lastUsed.toString({ smallestUnit: "second" });
  return `last used ${time} for ${use.service}`;
}

/** A "no" has the same exit code everywhere; if nobody can be asked, the code differs. */
function codeWithout(leave: Leave): "conflict" | "needs-person" {
  return leave === "refused" ? "conflict" : "needs-person";
}

/** Two keys exist, the most that AWS allows: only a person knows which of them is whose. */
export function tooManyKeys(
  described: readonly string[],
  keys: readonly AccessKeyInfo[],
  storedId: string,
  leave: Leave = "unasked",
): VaultError {
  const others = keys.filter((key) => key.accessKeyId !== storedId);
  return new VaultError(
    codeWithout(leave),
    `Cannot rotate the key ${storedId}: the user has two keys, and AWS does not allow a third`,
    {
      hints: [
        ...described,
        ...others.map((key) => `If nobody needs it: --delete-other ${wordToType(key.accessKeyId)}`),
      ],
    },
  );
}

/** Other new keys exist beside ours, which somebody else may have created. */
export function unclearKeys(
  described: readonly string[],
  pending: PendingRotation,
  keys: readonly AccessKeyInfo[],
  leave: Leave,
): VaultError {
  const ids = keys.map((key) => key.accessKeyId);
  return new VaultError(
    codeWithout(leave),
    `Cannot tell whose key ${
      ids.join(" and ")
    } is, made beside ${pending.oldKeyId} while an answer of AWS was lost`,
    {
      hints: [
        ...described,
        ...ids.map((id) =>
          `If nobody needs it: ${
            commandLine(["rotate", "--resume", "--delete-other", id], pending.profile)
          }`
        ),
      ],
    },
  );
}

/** CreateAccessKey may have created a key, and the right to list keys is missing. */
export function unseenAnswer(pending: PendingRotation): VaultError {
  const sent = pending.createCalls.at(-1)?.sent.toString({ smallestUnit: "second" });
  return new VaultError(
    "needs-person",
    `Cannot tell whether AWS made a key for profile ${
      quote(pending.profile)
    }: its answer was lost, and ListAccessKeys is denied`,
    {
      hints: [
        `Look in the IAM console for a key other than ${pending.oldKeyId}, created at about ${
          sent ?? "this time"
        } and never used, and delete it`,
        `Then: ${commandLine(["rotate", "--resume", "--nothing-was-created"], pending.profile)}`,
      ],
    },
  );
}

/** Somebody stored another key during a pending rotation, whose own key is left over. */
export function replacedMeanwhile(
  pending: PendingRotation,
  storedId: string,
  newKeyId: string,
  leave: Leave = "unasked",
): VaultError {
  return new VaultError(
    codeWithout(leave),
    `Cannot continue the rotation of profile ${
      quote(pending.profile)
    }: the key ${storedId} was stored in the meantime, and is neither the old key ${pending.oldKeyId} nor the new key ${newKeyId}`,
    {
      hints: [
        `To keep ${storedId} and delete ${newKeyId}: ${
          commandLine(["rotate", "--resume", "--delete-other", newKeyId], pending.profile)
        }`,
      ],
    },
  );
}

/** Describes the key that was to be rotated: nothing was done to it. */
export function describeOldKey({ oldKeyId }: PendingRotation): string {
  return `Key ${oldKeyId} is no longer stored: delete it in the IAM console if nobody needs it`;
}

/** Somebody stored or removed the key during the rotation, and the new key was deleted again. */
export function undoneMeanwhile(
  pending: PendingRotation,
  newKeyId: string,
  why: string,
): VaultError {
  return new VaultError(
    "conflict",
    `Cannot finish the rotation of profile ${quote(pending.profile)}: ${why}`,
    { hints: [`The new key ${newKeyId} was deleted`, describeOldKey(pending)] },
  );
}

/** Somebody removed the key during the rotation, whose own key is left over. */
export function removedMeanwhile(pending: PendingRotation, newKeyId: string): VaultError {
  const { profile, oldKeyId } = pending;
  return new VaultError(
    "needs-person",
    `Cannot continue the rotation of profile ${
      quote(profile)
    }: its key was removed in the meantime`,
    {
      hints: [
        `Look in the IAM console for ${newKeyId} and ${oldKeyId}, and delete what nobody needs`,
        `Then remove the record of the rotation: ${commandLine(["remove", "--force"], profile)}`,
      ],
    },
  );
}

/** The old key is stored again, for example by a backup or by the synchronisation of a store. */
export function putBackMeanwhile(pending: PendingRotation): VaultError {
  const { profile, oldKeyId } = pending;
  return new VaultError(
    "conflict",
    `Cannot retire key ${oldKeyId}: it was stored again for profile ${
      quote(profile)
    } in the meantime`,
    { hints: [`To store the new key again: ${commandLine(["rotate", "--resume"], profile)}`] },
  );
}

/** The key stored in the meantime is another user's, and can neither list nor delete the keys left over. */
export function replacedByOther(
  pending: PendingRotation,
  storedId: string,
  newKeyId?: string,
): VaultError {
  const left = newKeyId ?? `a key other than ${pending.oldKeyId} that was never used`;
  return new VaultError(
    "needs-person",
    `Cannot continue the rotation of profile ${
      quote(pending.profile)
    }: the key ${storedId} was stored in the meantime, and does not belong to ${
      quote(pending.userArn)
    }`,
    {
      hints: [
        `Look in the IAM console for ${left}, and delete it`,
        `Then: ${commandLine(["rotate", "--resume", "--nothing-was-created"], pending.profile)}`,
      ],
    },
  );
}
