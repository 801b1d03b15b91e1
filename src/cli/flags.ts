/** The flags of the program as stricli wants them: those of every command, and those that several share. */

import { parseDuration } from "../config/duration.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";

const text = (value: string): string => value;

/** A whole number that is not negative. */
export function parseCount(value: string): number {
  if (!/^\d{1,9}$/.test(value)) {
    throw new VaultError(
      "bad-usage",
      `Cannot understand ${quote(value)}: it must be a whole number`,
    );
  }
  return Number(value);
}

/** `90d`, or a plain number of days. */
export function parseDays(value: string): number {
  const digits = /^(\d{1,5})d?$/.exec(value)?.[1];
  if (digits !== undefined) return Number(digits);
  throw new VaultError("bad-usage", `Cannot understand ${quote(value)}: write days as 90d`);
}

const optionalText = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: text, optional: true, brief, placeholder }) as const;

/** A flag without a value; stricli would otherwise offer `--no-no-session` too. */
export const optionalFlag = (brief: string) =>
  ({ kind: "boolean", optional: true, withNegated: false, brief }) as const;

const optionalDuration = (brief: string) =>
  ({
    kind: "parsed",
    parse: (value: string) => parseDuration(value, "--duration"),
    optional: true,
    brief,
    placeholder: "duration",
  }) as const;

const optionalCount = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: parseCount, optional: true, brief, placeholder }) as const;

/** The flags that every command takes. */
export const GLOBAL_FLAGS = {
  debug: optionalFlag("Say what is done, on standard error"),
  backend: optionalText("Keystore to use [AWS_VAULT_BACKEND]", "name"),
  prompt: optionalText("How to ask for MFA codes [AWS_VAULT_PROMPT]", "driver"),
  noPrompt: optionalFlag("Never ask anybody anything; fail with exit code 4 instead"),
  keychain: optionalText("Name of the macOS keychain [AWS_VAULT_KEYCHAIN_NAME]", "name"),
  secretServiceCollection: optionalText(
    "Secret Service collection [AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME]",
    "name",
  ),
  passDir: optionalText("Store of pass or passage [AWS_VAULT_PASS_PASSWORD_STORE_DIR]", "folder"),
  passCmd: optionalText("Program to use as pass [AWS_VAULT_PASS_CMD]", "program"),
  passPrefix: optionalText("Prefix of names in pass [AWS_VAULT_PASS_PREFIX]", "prefix"),
  fileDir: optionalText("Folder of the file store [AWS_VAULT_FILE_DIR]", "folder"),
  biometrics: optionalFlag("Ask for Touch ID where the keystore can [AWS_VAULT_BIOMETRICS]"),
  passphraseFd: optionalCount("Read the file store's passphrase from this descriptor", "number"),
  passphraseCommand: optionalText(
    "Run this program for the file store's passphrase [AWS_VAULT_FILE_PASSPHRASE_COMMAND]",
    "command",
  ),
  wait: optionalDuration("How long to wait for another aws-vault that is asking (default 55s)"),
} as const;

/** Every global flag by its long name, and whether a value follows it. */
export const GLOBAL_TAKES_VALUE: ReadonlyMap<string, boolean> = new Map(
  Object.entries(GLOBAL_FLAGS).map(([name, flag]) => [longName(name), flag.kind !== "boolean"]),
);

/** `passDir` is written `--pass-dir`. */
function longName(name: string): string {
  return "--" + name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
}

/** The flags of commands that obtain credentials. */
export const CREDENTIAL_FLAGS = {
  duration: optionalDuration("Lifetime of the credentials, such as 1h30m [AWS_VAULT_DURATION]"),
  noSession: optionalFlag("Do without GetSessionToken: use the stored key itself"),
  region: optionalText("AWS region, instead of the profile's", "region"),
  mfaToken: optionalText("MFA code, instead of asking for it", "code"),
  noCache: optionalFlag("Obtain new credentials, and keep none"),
} as const;

/** The short forms of {@linkcode CREDENTIAL_FLAGS}. */
export const CREDENTIAL_ALIASES = { d: "duration", n: "noSession", t: "mfaToken" } as const;
