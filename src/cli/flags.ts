/** The program's flags in stricli's form: those of every command, and those that several share. */

import type { Backend } from "../backend.ts";
import { type BackendOption, flagKey, flagParser, parseCount } from "../backend_option.ts";
import { parseDuration } from "../duration.ts";
import { VaultError } from "../errors.ts";
import { parsePromptDriver } from "../prompt/driver_names.ts";
import { quote } from "../text.ts";

const text = (value: string): string => value;

/** Parses `90d`, `13w`, or a plain number of days. */
export function parseDays(value: string): number {
  const [, digits, unit] = /^(\d{1,5})([dw]?)$/.exec(value) ?? [];
  if (digits !== undefined) return Number(digits) * (unit === "w" ? 7 : 1);
  throw new VaultError(
    "bad-usage",
    `Cannot understand --older-than ${quote(value)}: write days as 90d`,
  );
}

/** Parses `2d`, `1w`, or a duration in Go's format; in seconds. */
export function parseAge(value: string): number {
  const [, count, unit] = /^(\d{1,5})([dw])$/.exec(value) ?? [];
  if (count !== undefined) return Number(count) * (unit === "w" ? 7 : 1) * 86_400;
  return parseDuration(value, "--since");
}

/** A flag for a text. */
export const optionalText = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: text, optional: true, brief, placeholder }) as const;

/** A flag that limits the credentials: an empty value is refused (`PlainFlag.limits`). */
export function limit<const F extends object>(flag: F): F & { readonly limits: true } {
  return { ...flag, limits: true };
}

/** A flag for a text, which means `bare` if no value follows. */
export const optionalValue = (brief: string, placeholder: string, bare: string) =>
  ({ ...optionalText(brief, placeholder), bare }) as const;

/** A flag without a value; otherwise stricli would also offer `--no-no-session`. */
export const optionalFlag = (brief: string) =>
  ({ kind: "boolean", optional: true, withNegated: false, brief }) as const;

const optionalDuration = (flag: string, brief: string) =>
  ({
    kind: "parsed",
    parse: (value: string) => parseDuration(value, flag),
    optional: true,
    brief,
    placeholder: "duration",
  }) as const;

/** A flag for a number, such as a descriptor's. */
export const optionalCount = (flag: `--${string}`, brief: string, placeholder: string) =>
  ({
    kind: "parsed",
    parse: (value: string) => parseCount(value, flag),
    optional: true,
    brief,
    placeholder,
  }) as const;

/** The program's own flags that every command takes. */
export const GLOBAL_FLAGS = {
  debug: optionalFlag("Print each step on standard error"),
  backend: optionalText("Keystore to use [AWS_VAULT_BACKEND]", "name"),
  prompt: {
    ...optionalText(
      "How to ask for MFA codes: terminal, totp, kdialog, osascript, wincredui, ykman, zenity, pass or op [AWS_VAULT_PROMPT]",
      "driver",
    ),
    // An empty value names no driver, as with an empty variable.
    parse: (value: string): string => value && parsePromptDriver(value),
  },
  noPrompt: optionalFlag("Never prompt; fail with exit code 4 instead"),
  wait: optionalDuration(
    "--wait",
    "How long to wait for another aws-vault (default 55s)",
  ),
} as const;

/** A flag that every command takes. */
export type GlobalFlag = ReturnType<typeof describeFlag> | Values<typeof GLOBAL_FLAGS>;

type Values<T> = T[keyof T];

/** The flags of every command: the program's own, and those that back ends declare. */
export function globalFlags(backends: readonly Backend[]): Readonly<Record<string, GlobalFlag>> {
  const options = backends.flatMap(({ options }) => Object.values(options));
  const declared = options.flatMap((option) =>
    option.flag === undefined ? [] : [[flagKey(option.flag), describeFlag(option)] as const]
  );
  const names = backends.map(({ name }) => name).join(", ");
  const backend = optionalText(`Keystore to use: ${names} [AWS_VAULT_BACKEND]`, "name");
  return { ...GLOBAL_FLAGS, backend, ...Object.fromEntries(declared) };
}

function describeFlag(option: BackendOption) {
  const parse = flagParser(option);
  const brief = [option.brief, ...defaultOf(option), ...variableOf(option)].join(" ");
  return parse === undefined ? optionalFlag(brief) : {
    kind: "parsed",
    parse,
    optional: true,
    brief,
    placeholder: option.flag && option.placeholder || "value",
  } as const;
}

/** `(default 15m)`, if the option has a default. */
export function defaultOf(option: BackendOption): string[] {
  return option.default === undefined ? [] : [`(default ${option.default})`];
}

function variableOf({ variable }: BackendOption): string[] {
  return variable === undefined ? [] : [`[${variable}]`];
}

/** Converts `passDir` to `--pass-dir`. */
export function longName(key: string): string {
  return "--" + key.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
}

/** The flags that a plan depends on. */
export const PLAN_FLAGS = {
  duration: optionalDuration(
    "--duration",
    "Lifetime of the credentials, such as 1h30m [AWS_VAULT_DURATION]",
  ),
  noSession: optionalFlag("Skip GetSessionToken: use the stored key itself"),
  region: optionalText("AWS region, instead of the profile's", "region"),
} as const;

/** The flags of commands for which a person may have to sign in. */
export const SIGN_IN_FLAGS = {
  noBrowser: optionalFlag("Print the address of a sign-in page instead of opening a browser"),
  stdout: { ...optionalFlag("The same as --no-browser"), hidden: true },
  browser: optionalText("Browser for sign-in pages [AWS_VAULT_BROWSER]", "command"),
  ssoDeviceCode: optionalFlag("Sign in to Identity Center with a code, on any device"),
  remote: optionalFlag("Sign in for a login_session in a browser on another device"),
  ssoCache: optionalFlag("Share the login to Identity Center with the AWS CLI"),
} as const;

/** The flags of commands that obtain credentials. */
export const CREDENTIAL_FLAGS = {
  ...PLAN_FLAGS,
  ...SIGN_IN_FLAGS,
  mfaToken: optionalText("MFA code, instead of asking for it", "code"),
  noCache: optionalFlag("Obtain new credentials, and do not cache them"),
} as const;

/** The flag for a role that the profile's credentials assume. */
export const ROLE_FLAGS = {
  roleArn: limit(optionalText("Role to assume with the profile's credentials", "arn")),
} as const;

/** The flag of commands that let a person pick a profile. */
export const PICK_FLAGS = {
  pick: optionalFlag("Pick the profile from a list at the terminal"),
} as const;

/** The flags that limit what the credentials may do. */
export const NARROWING_FLAGS = {
  readOnly: limit(
    optionalFlag("Narrow the credentials to AWS's policy ReadOnlyAccess"),
  ),
  policyArn: limit({
    kind: "parsed",
    parse: text,
    optional: true,
    variadic: true,
    brief: "Narrow the credentials to this managed policy; repeatable, policies add up",
    placeholder: "arn",
  }),
  policy: limit(optionalText("Narrow the credentials to this policy: a file, or JSON", "file")),
  denyRoleChaining: limit(optionalFlag("Do not let the credentials assume further roles")),
} as const;

/** The flags of commands that hand credentials out. */
export const ACCESS_FLAGS = {
  ...CREDENTIAL_FLAGS,
  ...ROLE_FLAGS,
  ...PICK_FLAGS,
  ...NARROWING_FLAGS,
  roleSessionName: optionalText("Name of the role's session, as CloudTrail shows it", "name"),
  oidc: optionalText("Use the token of this CI system instead of a profile", "provider"),
  audience: optionalText("Audience of the token (default sts.amazonaws.com)", "audience"),
} as const;

/** The short forms of {@linkcode PLAN_FLAGS}. */
export const PLAN_ALIASES = { d: "duration", n: "noSession" } as const;

/** The short forms of {@linkcode CREDENTIAL_FLAGS}. */
export const CREDENTIAL_ALIASES = { ...PLAN_ALIASES, t: "mfaToken" } as const;
