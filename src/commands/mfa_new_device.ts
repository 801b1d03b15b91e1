/** The start of `mfa enroll`: a device whose seed is in the keystore before anybody sees it. */

import { createVirtualMfaDevice, deleteVirtualMfaDevice } from "../aws/iam_mfa.ts";
import { enrollingName } from "../credentials/key_names.ts";
import { readSeed, writeSeed } from "../credentials/stored_totp.ts";
import { parseTotpSeed } from "../credentials/totp.ts";
import { VaultError } from "../errors.ts";
import { isRefusal } from "../rotation/user_keys.ts";
import type { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import { confirm } from "./confirm.ts";
import type { Invocation } from "./context.ts";
import type { MfaUser } from "./mfa_user.ts";

/** A device that is not enabled, or not yet written into the config file. */
export interface Enrolment {
  readonly user: MfaUser;
  /** The last part of its ARN. */
  readonly device: string;
  readonly serial: string;
  /** Whether a device of that name that is not enabled may be deleted without a question. */
  readonly mayReplace: boolean;
}

/**
 * The seed of an unfinished enrolment (`isKept`), else of a new device; it is already in the keystore.
 */
export async function beginOrResume(
  invocation: Invocation,
  enrolment: Enrolment,
): Promise<{ readonly seed: Secret; readonly isKept: boolean }> {
  const { serial } = enrolment;
  const kept = await readSeed(await invocation.keyring(), enrollingName(serial), serial);
  if (kept === undefined) return { seed: await begin(invocation, enrolment), isKept: false };
  invocation.host.talk.note(
    `Continuing with MFA device ${quote(serial)}, which was created before`,
  );
  return { seed: kept, isKept: true };
}

async function begin(invocation: Invocation, enrolment: Enrolment): Promise<Secret> {
  const { serial } = enrolment;
  const created = await create(invocation, enrolment);
  const seed = parseTotpSeed(created.seed);
  try {
    if (seed === undefined || created.serialNumber !== serial) throw notUnderstood(serial);
    await writeSeed(await invocation.keyring(), enrollingName(serial), serial, seed);
    return seed;
  } catch (error) {
    await undo(invocation, enrolment).catch(() => {});
    throw error;
  }
}

/**
 * Deletes a device whose seed nobody will see again: it would only block the next one. Removes the
 * item first, which may exist although storing it failed: a seed without a device is useless.
 */
async function undo(invocation: Invocation, { user, serial }: Enrolment): Promise<void> {
  await (await invocation.keyring()).remove(enrollingName(serial));
  await deleteVirtualMfaDevice(user.deps, user.iam, serial);
}

/** Creates another device if the kept one no longer exists at AWS. */
export async function beginAgain(invocation: Invocation, enrolment: Enrolment): Promise<Secret> {
  const { serial } = enrolment;
  invocation.host.talk.note(
    `MFA device ${quote(serial)} was deleted in the meantime: creating another one`,
  );
  await (await invocation.keyring()).remove(enrollingName(serial));
  return await begin(invocation, enrolment);
}

async function create(invocation: Invocation, enrolment: Enrolment) {
  const { user, device, serial } = enrolment;
  try {
    return await createVirtualMfaDevice(user.deps, user.iam, device);
  } catch (error) {
    if (!isRefusal(error, "EntityAlreadyExists", "EntityAlreadyExistsException")) throw error;
    await confirmDeletion(invocation, enrolment);
  }
  try {
    await deleteVirtualMfaDevice(user.deps, user.iam, serial);
  } catch (error) {
    if (!isRefusal(error, "DeleteConflict", "DeleteConflictException")) throw error;
    throw new VaultError("conflict", `MFA device ${quote(serial)} is already in use`, {
      hints: [
        OTHER_NAME,
        `If it belongs to this user, name it in the profile: mfa_serial = ${serial}`,
      ],
      cause: error,
    });
  }
  return await createVirtualMfaDevice(user.deps, user.iam, device);
}

const OTHER_NAME = "Create one with another name: --device-name NAME";

/** AWS refuses to delete an enabled device, but somebody may be about to enable this one. */
async function confirmDeletion(
  invocation: Invocation,
  { serial, mayReplace }: Enrolment,
): Promise<void> {
  if (mayReplace) return;
  const there = `There is already an MFA device ${quote(serial)}, whose seed is not known here`;
  const needed = {
    message: there,
    hint: "If it is not in use, it may be deleted: --replace",
  };
  const question = `${there}. Delete it, if it is not in use, and create a new one?`;
  if (await confirm(invocation, question, needed)) return;
  throw new VaultError("conflict", `${there}: it was kept`, { hints: [OTHER_NAME] });
}

function notUnderstood(serial: string): VaultError {
  return new VaultError("network", `Cannot use AWS's answer: it is not about ${quote(serial)}`);
}
