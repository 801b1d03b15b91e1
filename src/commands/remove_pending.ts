import { pendingName } from "../credentials/key_names.ts";
import { hasCode, VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { readPending, removePending } from "../rotation/pending.ts";
import { commandLine, quote } from "../text.ts";
import type { Invocation } from "./context.ts";

/**
 * Refuses to remove a key while its rotation is pending, unless forced: the record may be the only trace of a
 * second key in AWS. Throws `conflict`.
 */
export async function requireNoPending(
  keyring: Keyring,
  profile: string,
  isForced: boolean,
): Promise<void> {
  if (isForced || !await keyring.has(pendingName(profile))) return;
  throw new VaultError(
    "conflict",
    `Cannot remove the key of profile ${quote(profile)}: a rotation of it is pending`,
    {
      hints: [
        `Finish it: ${commandLine(["rotate", "--resume"], profile)}`,
        "Remove the key and the record of the rotation anyway: --force",
      ],
    },
  );
}

/** Removes the pending rotation of a removed key, and reports which keys may be left in AWS. */
export async function dropPending(invocation: Invocation, profile: string): Promise<void> {
  const keyring = await invocation.keyring();
  if (!await keyring.has(pendingName(profile))) return;
  const ids = await pendingKeyIds(keyring, profile);
  await removePending(keyring, profile);
  const named = ids.length === 0 ? "" : `, beside ${ids.join(" and ")}`;
  invocation.host.talk.warn(
    `The rotation of profile ${
      quote(profile)
    } was not finished: check the IAM console for unknown keys of its user${named}`,
  );
}

async function pendingKeyIds(keyring: Keyring, profile: string): Promise<string[]> {
  try {
    const pending = await readPending(keyring, profile);
    const ids = [pending?.oldKeyId, pending?.newKey?.accessKeyId];
    return ids.filter((id) => id !== undefined);
  } catch (error) {
    if (hasCode(error, "damaged-item")) return [];
    throw error;
  }
}
