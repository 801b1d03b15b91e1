import type { AccessKeyInfo } from "../aws/iam.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { PendingRotation } from "./pending.ts";
import { sayAge } from "./age.ts";
import type { RotateDeps } from "./rotate.ts";

/** Two keys exist, the most that AWS allows: which of them is whose is for a person to say. */
export async function tooManyKeys(
  deps: RotateDeps,
  keys: readonly AccessKeyInfo[],
  storedId: string,
): Promise<VaultError> {
  const now = deps.aws.http.awsNow();
  const said = await Promise.all(keys.map(async (key) => {
    const use = await deps.keys.lastUse(key.accessKeyId);
    const used = use === undefined
      ? "last use unknown"
      : use.lastUsed === undefined
      ? "never used"
      : `last used ${use.lastUsed.toString({ smallestUnit: "second" })} for ${use.service}`;
    const whose = key.accessKeyId === storedId ? "stored here" : "not stored here";
    return `${key.accessKeyId} (${whose}): ${key.status}, ${sayAge(key.created, now)}, ${used}`;
  }));
  const other = keys.find((key) => key.accessKeyId !== storedId)!;
  return new VaultError(
    "needs-person",
    `Cannot rotate the key ${storedId}: the user has two keys, and AWS allows no third`,
    { hints: [...said, `If nobody needs it: --delete-other ${other.accessKeyId}`] },
  );
}

/** Keys came into being beside ours that somebody else may have made. */
export function unclearKeys(
  pending: PendingRotation,
  keys: readonly AccessKeyInfo[],
): VaultError {
  const ids = keys.map((key) => key.accessKeyId);
  return new VaultError(
    "needs-person",
    `Cannot tell whose key ${
      ids.join(" and ")
    } is, made beside ${pending.oldKeyId} while an answer of AWS was lost`,
    {
      hints: [
        `The stored key ${pending.oldKeyId} works as before`,
        ...ids.map((id) =>
          `If nobody needs it: aws-vault rotate --resume --delete-other ${id} ${pending.profile}`
        ),
      ],
    },
  );
}

/** CreateAccessKey may have made a key, and the right to look is missing. */
export function unseenAnswer(pending: PendingRotation): VaultError {
  return new VaultError(
    "needs-person",
    `Cannot tell whether AWS made a key for profile ${
      quote(pending.profile)
    }: its answer was lost, and ListAccessKeys is denied`,
    {
      hints: [
        `Look in the IAM console for a key other than ${pending.oldKeyId}, created ${
          pending.createSent?.toString({ smallestUnit: "second" }) ?? "a moment ago"
        } and never used, and delete it`,
        `Then: aws-vault rotate --resume --nothing-was-created ${pending.profile}`,
      ],
    },
  );
}
