import { listMfaDevices } from "../aws/iam.ts";
import { enableMfaDevice } from "../aws/iam_mfa.ts";
import { enrollingName, totpName } from "../credentials/key_names.ts";
import { writeSeed } from "../credentials/stored_totp.ts";
import { VaultError } from "../errors.ts";
import { lockPath, withLock } from "../lock.ts";
import { isRefusal } from "../rotation/user_keys.ts";
import type { Secret } from "../secret.ts";
import { commandLine, quote } from "../text.ts";
import { reportStored } from "./add_mfa_secret.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { withCodePair } from "./mfa_code_pair.ts";
import { configureDevice } from "./mfa_config.ts";
import { beginAgain, beginOrResume, type Enrolment } from "./mfa_new_device.ts";
import { openMfaUser } from "./mfa_user.ts";
import { showSeed } from "./show_seed.ts";
import { waitBudget } from "./wait_budget.ts";

/** The flags of `mfa enroll`. */
export interface MfaEnrollFlags extends GlobalFlags {
  readonly noSession?: boolean | undefined;
  readonly mfaToken?: string | undefined;
  readonly deviceName?: string | undefined;
  readonly store?: boolean | undefined;
  readonly replace?: boolean | undefined;
}

/**
 * `mfa enroll [PROFILE]`: creates a virtual MFA device for the user of a stored key, lets the person add it to
 * an authenticator app, enables it, and writes `mfa_serial`.
 *
 * AWS shows the seed once. Until everything is done it is an item of the keystore: if the command is
 * interrupted, the same command line continues with the same device.
 */
export async function mfaEnroll(
  this: CommandContext,
  flags: MfaEnrollFlags,
  argument?: string,
): Promise<void> {
  const invocation = this.open(flags);
  await requirePerson(invocation, flags);
  const user = await openMfaUser(invocation, flags, argument, { useDevice: !flags.noSession });
  const device = flags.deviceName ?? user.userName;
  const serial = `arn:${user.partition}:iam::${user.account}:mfa/${device}`;
  const enrolment = { user, device, serial, mayReplace: flags.replace === true };
  await withLock(invocation.host, {
    path: await lockPath(invocation.host, "device", serial),
    purpose: `Cannot enroll MFA device ${quote(serial)}`,
    profile: user.name,
    budget: waitBudget(invocation),
  }, () => enroll(invocation, enrolment, flags));
}

/** Checked before anything is created at AWS. */
async function requirePerson(
  { host, mayPrompt }: Invocation,
  { store }: MfaEnrollFlags,
): Promise<void> {
  if (store || mayPrompt && await host.terminal.isAvailable()) return;
  throw new VaultError("needs-person", "Cannot show an MFA device: there is no terminal", {
    hints: ["To keep it only in the keystore, without a person: --store"],
  });
}

async function enroll(
  invocation: Invocation,
  enrolment: Enrolment,
  flags: MfaEnrollFlags,
): Promise<void> {
  const { seed, isKept } = await beginOrResume(invocation, enrolment);
  const hint = resumeHint(enrolment, flags);
  const stop = await invocation.host.interrupts.explain([`hint: ${hint}`]);
  try {
    const enabled = await enableOnce(invocation, enrolment, flags, seed, isKept);
    await finish(invocation, enrolment, enabled, flags);
  } catch (error) {
    invocation.host.talk.hint(hint);
    throw error;
  } finally {
    stop();
  }
}

function resumeHint({ user }: Enrolment, { deviceName, store }: MfaEnrollFlags): string {
  const words = [
    "mfa",
    "enroll",
    ...deviceName === undefined ? [] : [`--device-name=${deviceName}`],
    ...store ? ["--store"] : [],
  ];
  return `Nothing is lost, the keystore has the new device; to continue: ${
    commandLine(words, user.name)
  }`;
}

/** Whether an earlier run enabled the device; if the right to check is missing, the codes will show it. */
async function isEnabled({ user, serial }: Enrolment): Promise<boolean> {
  try {
    const devices = await listMfaDevices(user.deps, user.iam, user.userName);
    return devices.some(({ serialNumber }) => serialNumber === serial);
  } catch (error) {
    if (isRefusal(error, "AccessDenied", "AccessDeniedException")) return false;
    throw error;
  }
}

/** Gives the seed of the enabled device: not the kept one if its device no longer exists at AWS. */
async function enableOnce(
  invocation: Invocation,
  enrolment: Enrolment,
  flags: MfaEnrollFlags,
  seed: Secret,
  isKept: boolean,
): Promise<Secret> {
  if (await isEnabled(enrolment)) return seed;
  try {
    await enable(invocation, enrolment, seed, flags);
    return seed;
  } catch (error) {
    if (!isKept || !isRefusal(error, "NoSuchEntity", "NoSuchEntityException")) throw error;
    const other = await beginAgain(invocation, enrolment);
    await enable(invocation, enrolment, other, flags);
    return other;
  }
}

async function enable(
  invocation: Invocation,
  { user, device, serial }: Enrolment,
  seed: Secret,
  { store }: MfaEnrollFlags,
): Promise<void> {
  if (!store) await showSeed(invocation, { serial, seed, device, account: user.account });
  const request = { userName: user.userName, serial, seed: store ? seed : undefined };
  await withCodePair(invocation, request, async (pair) => {
    try {
      await enableMfaDevice(user.deps, user.iam, pair);
    } catch (error) {
      // The answer was lost and the call sent again: the device is enabled.
      if (!isRefusal(error, "EntityAlreadyExists", "EntityAlreadyExistsException")) throw error;
    }
  });
  invocation.host.talk.answer(
    `Enabled MFA device ${quote(serial)} for user ${quote(user.userName)}`,
  );
}

/** Removes the item last: the next run repeats what fails before. */
async function finish(
  invocation: Invocation,
  { user, serial }: Enrolment,
  seed: Secret,
  { store }: MfaEnrollFlags,
): Promise<void> {
  const keyring = await invocation.keyring();
  if (store) await writeSeed(keyring, totpName(serial), serial, seed);
  await configureDevice(invocation, user.name, serial);
  await keyring.remove(enrollingName(serial));
  if (store) reportStored(invocation, serial);
  invocation.host.talk.hint(
    `Try it: ${commandLine(["exec"], user.name)} -- aws sts get-caller-identity`,
  );
}
