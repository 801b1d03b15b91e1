import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { Invocation } from "./context.ts";

/** Throws `no-profile` for a name that is neither in the config file nor stored: it is mistyped. */
export async function requireKnownProfile(invocation: Invocation, name: string): Promise<void> {
  if (invocation.config().profile(name) !== undefined) return;
  if (await (await invocation.keyring()).has(name)) return;
  throw new VaultError(
    "no-profile",
    `Cannot find profile ${quote(name)}: it is neither in the config file nor stored`,
    { hints: ["See all profiles: aws-vault list"] },
  );
}
