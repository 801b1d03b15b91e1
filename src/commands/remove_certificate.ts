import { certificateName } from "../credentials/key_names.ts";
import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { quote } from "../text.ts";
import { confirm } from "./confirm.ts";
import type { Invocation } from "./context.ts";
import { withKeyLock } from "./key_lock.ts";

/** Removes the stored certificate of a profile without a key, if the person agrees. */
export async function removeCertificate(
  invocation: Invocation,
  keyring: Keyring,
  profile: string,
  isForced: boolean,
): Promise<void> {
  const question = `Delete the certificate of profile ${quote(profile)}?`;
  const needed = {
    message: `Cannot remove the certificate of profile ${quote(profile)}: nobody can be asked`,
    hint: "Remove it without a question: --force",
  };
  if (!isForced && !await confirm(invocation, question, needed)) {
    throw new VaultError("conflict", `The certificate of profile ${quote(profile)} was kept`);
  }
  await withKeyLock(invocation, [keyring], profile, async () => {
    await dropCertificate(invocation, keyring, profile);
  });
}

/** Removes the certificate of a profile and what was obtained with it, if there is one. */
export async function dropCertificate(
  invocation: Invocation,
  keyring: Keyring,
  profile: string,
): Promise<void> {
  const name = certificateName(profile);
  if (!await keyring.has(name)) return;
  const cache = await invocation.cache();
  const quiet = await invocation.quietKeyring();
  const raise = () => cache.raiseGeneration(name, keyring, quiet, invocation.quietKeyring);
  await raise();
  await keyring.remove(name);
  await raise();
  cache.dropProfile(profile);
  invocation.host.talk.answer(`Deleted the certificate of profile ${quote(profile)}`);
}
