/** How a person may be asked to sign in in a browser, by flags, variables and `--no-prompt`. */
export interface SignInOptions {
  /** False: nobody may be asked. */
  readonly mayPrompt: boolean;
  /** The address is printed and no browser opened (`--no-browser`). */
  readonly noBrowser?: boolean | undefined;
  /** The command line of a browser (`--browser`). */
  readonly browser?: string | undefined;
  /** The profile's own, which a browser that flag or variable name goes before. */
  readonly browserSettings?:
    | { readonly command?: string; readonly profile?: string }
    | undefined;
  /** A code is shown that is confirmed on any device (`--sso-device-code`). */
  readonly useDeviceCode?: boolean | undefined;
  /** The person's browser is on another device (`--remote`). */
  readonly isRemote?: boolean | undefined;
  /** The login is shared with the AWS CLI and the SDKs (`--sso-cache`). */
  readonly sharesCache?: boolean | undefined;
  /** How long to wait for another process that asks, in milliseconds; 55 s by default. */
  readonly waitMs?: number | undefined;
}
