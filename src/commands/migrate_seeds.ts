/** Seeds of MFA devices on their way from one keystore to another. */

import { classifyItem } from "../credentials/key_names.ts";
import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { isSameData, storeVerified } from "../migration/store_verified.ts";
import { quote } from "../text.ts";

/** Whether an item holds the seed of an MFA device. */
export function isSeed(name: string): boolean {
  return ["totp", "enrolling"].includes(classifyItem(name));
}

/**
 * Copies a seed, reads it back, and only then removes it where it was. Throws `conflict` where the target
 * has another one of the device: neither is replaced.
 */
export async function moveSeed(
  { from, to }: { readonly from: Keyring; readonly to: Keyring },
  name: string,
  deleteSource: boolean,
): Promise<"copied" | "moved" | "already there"> {
  const data = await from.get(name);
  if (data === undefined) return "already there";
  const there = await to.get(name);
  if (there !== undefined && !isSameData(there, data)) {
    throw new VaultError("conflict", `${to.backend} has another seed as ${quote(name)}`, {
      hints: ["Remove the one that is not wanted: aws-vault mfa forget"],
    });
  }
  if (there === undefined) await storeVerified(to, name, data);
  if (!deleteSource) return there === undefined ? "copied" : "already there";
  await from.remove(name);
  return "moved";
}
