/** The reason if the person who started the command decided that nobody may be asked. */
export const PROMPTS_OFF = "prompts are turned off (--no-prompt)";

/** How a person may be asked to sign in with a browser, from flags, variables and `--no-prompt`. */
export interface SignInOptions {
  /** Whether a person may be asked. */
  readonly mayPrompt: boolean;
  /** Why not; {@linkcode PROMPTS_OFF} if absent. */
  readonly whyUnasked?: string | undefined;
  /** Print the URL instead of opening a browser (`--no-browser`). */
  readonly noBrowser?: boolean | undefined;
  /** The command line of a browser (`--browser`). */
  readonly browser?: string | undefined;
  /** The profile's browser settings; a browser named by flag or variable takes precedence. */
  readonly browserSettings?:
    | { readonly command?: string; readonly profile?: string }
    | undefined;
  /** Show a code that the person confirms on any device (`--sso-device-code`). */
  readonly useDeviceCode?: boolean | undefined;
  /** The person's browser is on another device (`--remote`). */
  readonly isRemote?: boolean | undefined;
  /** The login is shared with the AWS CLI and the SDKs (`--sso-cache`). */
  readonly sharesCache?: boolean | undefined;
  /** How long to wait for another process that is asking, in milliseconds; 55 s by default. */
  readonly waitMs?: number | undefined;
}
