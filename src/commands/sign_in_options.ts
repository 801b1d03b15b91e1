import type { BrowserSettings } from "../config/browser_settings.ts";
import type { Env } from "../host.ts";
import type { SignInOptions } from "../sign_in.ts";
import type { Invocation, SignInFlags } from "./context.ts";

/** How a person may be asked to sign in, by the flags and variables of an invocation. */
export function signInOptions(
  { host, mayPrompt, whyUnasked }: Pick<Invocation, "host" | "mayPrompt" | "whyUnasked">,
  flags: SignInFlags,
  browserSettings?: BrowserSettings,
): SignInOptions {
  return {
    mayPrompt,
    whyUnasked,
    noBrowser: printsAddress(host.env, flags),
    browser: flags.browser,
    browserSettings,
    useDeviceCode: flags.ssoDeviceCode,
    isRemote: flags.remote,
    sharesCache: flags.ssoCache,
    waitMs: flags.wait === undefined ? undefined : flags.wait * 1000,
  };
}

/** Whether to print an address and open no browser; the flags override `AWS_VAULT_STDOUT`. */
export function printsAddress(
  env: Env,
  { noBrowser, stdout }: Pick<SignInFlags, "noBrowser" | "stdout">,
): boolean {
  return noBrowser || stdout || (noBrowser ?? stdout ?? isTrue(env, "AWS_VAULT_STDOUT"));
}

/** Whether a variable for a flag is true, in the words of aws-vault 7: `1`, `t` or `true`. */
export function isTrue(env: Env, name: string): boolean {
  return /^(1|t|true)$/i.test(env.get(name) ?? "");
}
