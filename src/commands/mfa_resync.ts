import { resyncMfaDevice } from "../aws/iam_mfa.ts";
import { totpName } from "../credentials/key_names.ts";
import { readSeed, storedCodes } from "../credentials/stored_totp.ts";
import { VaultError } from "../errors.ts";
import { lockPath, withLock } from "../lock.ts";
import { quote } from "../text.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { withCodePair } from "./mfa_code_pair.ts";
import { type MfaUser, openMfaUser } from "./mfa_user.ts";
import { waitBudget } from "./wait_budget.ts";

/** The flags of `mfa resync`. */
export type MfaResyncFlags = GlobalFlags;

/**
 * `mfa resync [PROFILE]`: lets AWS correct for the clock of an MFA device, with two of its codes. The key
 * itself signs: a device that is out of sync gives no session.
 */
export async function mfaResync(
  this: CommandContext,
  flags: MfaResyncFlags,
  argument?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const user = await openMfaUser(invocation, flags, argument, { useDevice: false });
  const serial = user.profile.mfaSerial;
  if (serial === undefined) throw noDevice(user);
  await withLock(invocation.host, {
    path: await lockPath(invocation.host, "device", serial),
    purpose: `Cannot synchronize MFA device ${quote(serial)}`,
    profile: user.name,
    budget: waitBudget(invocation),
  }, () => resync(invocation, user, serial));
  invocation.host.talk.answer(`Synchronized MFA device ${quote(serial)}`);
}

async function resync(invocation: Invocation, user: MfaUser, serial: string): Promise<void> {
  const isStored = await storedCodes(invocation, serial).isStored();
  const seed = isStored
    ? await readSeed(await invocation.keyring(), totpName(serial), serial)
    : undefined;
  const request = { userName: user.userName, serial, seed };
  await withCodePair(invocation, request, (pair) => resyncMfaDevice(user.deps, user.iam, pair));
}

function noDevice({ name }: MfaUser): VaultError {
  return new VaultError(
    "bad-config",
    `Cannot synchronize an MFA device: profile ${quote(name)} has no mfa_serial`,
    { hints: [`Add to profile ${quote(name)}: mfa_serial = ARN`] },
  );
}
