import type { Invocation } from "./context.ts";

/** Throws `no-profile` for a name that is neither in the config file nor stored: there is nothing to remove. */
export async function requireKnownProfile(invocation: Invocation, name: string): Promise<void> {
  if (invocation.config().profile(name) !== undefined) return;
  if (await (await invocation.keyring()).has(name)) return;
  const { noProfile } = await import("../credentials/missing_profile.ts");
  throw await noProfile(invocation, name, true);
}
