import { counted } from "../text.ts";
import type { CommandContext, GlobalFlags } from "./context.ts";
import { withStoreLock } from "./key_lock.ts";

/** The flags of `change-passphrase`. */
export interface ChangePassphraseFlags extends GlobalFlags {
  readonly newPassphraseFd?: number | undefined;
  readonly newPassphraseCommand?: string | undefined;
}

/** `change-passphrase`: encrypts every item of the file store again, all or nothing. */
export async function changePassphrase(
  this: CommandContext,
  flags: ChangePassphraseFlags,
): Promise<void> {
  const invocation = this.open(flags);
  const count = await invocation.changePassphrase(
    { descriptor: flags.newPassphraseFd, command: flags.newPassphraseCommand },
    async (act) => await withStoreLock(invocation, await invocation.keyring(), act),
  );
  invocation.host.talk.say(`Changed the passphrase of ${counted(count, "item")}`);
}
