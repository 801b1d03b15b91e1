import type { SignInOptions } from "../sign_in.ts";
import type { Invocation, SignInFlags } from "./context.ts";

/** How a person may be asked to sign in, by the flags and variables of a run. */
export function signInOptions(
  { host, mayPrompt }: Pick<Invocation, "host" | "mayPrompt">,
  flags: SignInFlags,
): SignInOptions {
  const printsAddress = flags.noBrowser ?? flags.stdout ??
    host.env.get("AWS_VAULT_STDOUT") === "true";
  return {
    mayPrompt,
    noBrowser: printsAddress,
    browser: flags.browser,
    useDeviceCode: flags.ssoDeviceCode,
    isRemote: flags.remote,
    sharesCache: flags.ssoCache,
    waitMs: flags.wait === undefined ? undefined : flags.wait * 1000,
  };
}
