import { enrollingName, totpName } from "../credentials/key_names.ts";
import { VaultError } from "../errors.ts";
import { commandLine, quote } from "../text.ts";
import { requireSerial } from "./add_mfa_secret.ts";
import { confirm } from "./confirm.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { withKeyLock } from "./key_lock.ts";
import { requireKnownProfile } from "./known_profile.ts";
import { chooseProfile } from "../credentials/profile_plan.ts";
import type { Keyring } from "../keyring.ts";

/** The flags of `mfa forget`. */
export interface MfaForgetFlags extends GlobalFlags {
  readonly force?: boolean | undefined;
}

/**
 * `mfa forget [PROFILE|ARN]`: removes the stored seed of an MFA device, the profile's or the named one; the
 * device itself stays.
 *
 * An ARN also removes a seed that no profile uses any more, and that of an unfinished enrolment.
 */
export async function mfaForget(
  this: CommandContext,
  flags: MfaForgetFlags,
  argument?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const keyring = await invocation.keyring();
  const { serial, name } = await chooseSeed(invocation, keyring, argument);
  const device = `MFA device ${quote(serial)}`;
  if (name === undefined) {
    throw new VaultError("no-credentials", `Cannot forget the seed of ${device}: it is not stored`);
  }
  const needed = {
    message: `Cannot forget the seed of ${device}: nobody can be asked`,
    hint: `Forget it without a question: ${commandLine(["mfa", "forget", "--force"], argument)}`,
  };
  const question = `Forget the seed of ${device}? Without another copy of it the device is lost.`;
  if (!flags.force && !await confirm(invocation, question, needed)) {
    throw new VaultError("conflict", `The seed of ${device} was kept`);
  }
  await withKeyLock(invocation, [keyring], name, () => keyring.remove(name));
  invocation.host.talk.answer(`Deleted the seed of ${device}`);
}

/** The meant device, and the item of its seed; `name` is `undefined` if no seed is stored. */
async function chooseSeed(
  invocation: Invocation,
  keyring: Keyring,
  argument: string | undefined,
): Promise<{ serial: string; name: string | undefined }> {
  if (argument !== undefined && !invocation.config().hasProfile(argument)) {
    const name = await firstStored(keyring, [totpName(argument), enrollingName(argument)]);
    if (name !== undefined || argument.startsWith("arn:")) return { serial: argument, name };
  }
  const profile = chooseProfile(invocation, argument);
  await requireKnownProfile(invocation, profile);
  const serial = requireSerial(invocation, profile);
  return { serial, name: await firstStored(keyring, [totpName(serial)]) };
}

async function firstStored(
  keyring: Keyring,
  names: readonly string[],
): Promise<string | undefined> {
  for (const name of names) if (await keyring.has(name)) return name;
  return undefined;
}
