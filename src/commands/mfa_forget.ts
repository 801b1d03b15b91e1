import { totpName } from "../credentials/key_names.ts";
import { VaultError } from "../errors.ts";
import { commandLine, quote } from "../text.ts";
import { requireSerial } from "./add_mfa_secret.ts";
import { confirm } from "./confirm.ts";
import type { CommandContext, GlobalFlags } from "./context.ts";
import { withKeyLock } from "./key_lock.ts";
import { chooseProfile } from "../credentials/profile_plan.ts";

/** The flags of `mfa forget`. */
export interface MfaForgetFlags extends GlobalFlags {
  readonly force?: boolean | undefined;
}

/** `mfa forget [PROFILE]`: removes the stored seed of the profile's MFA device; the device itself stays. */
export async function mfaForget(
  this: CommandContext,
  flags: MfaForgetFlags,
  argument?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const serial = requireSerial(invocation, chooseProfile(invocation, argument));
  const keyring = await invocation.keyring();
  const name = totpName(serial);
  const device = `MFA device ${quote(serial)}`;
  if (!await keyring.has(name)) {
    throw new VaultError("no-credentials", `Cannot forget the seed of ${device}: it is not stored`);
  }
  const needed = {
    message: `Cannot forget the seed of ${device}: nobody can be asked whether to`,
    hint: `Forget it without a question: ${commandLine(["mfa", "forget", "--force"], argument)}`,
  };
  const question = `Forget the seed of ${device}? Without another copy of it the device is lost.`;
  if (!flags.force && !await confirm(invocation, question, needed)) {
    throw new VaultError("conflict", `The seed of ${device} was kept`);
  }
  await withKeyLock(invocation, [keyring], name, () => keyring.remove(name));
  invocation.host.talk.answer(`Deleted the seed of ${device}`);
}
