import type { Env } from "./host.ts";

/** Holds the helpers that are running around this invocation (`src/credentials/helper_chain.ts`). */
export const PROFILE_CHAIN = "AWS_VAULT_PROFILE_CHAIN";

/**
 * What a helper has in its environment, so that what it started is found when its parent is gone
 * (`src/system/process_tree.ts`).
 */
export const HELPER_MARK = "AWS_VAULT_HELPER_MARK";

/**
 * Whether an environment variable holds a secret that is meant for this program alone.
 *
 * Every `AWS_VAULT_*` whose name speaks of a passphrase, password, token, secret, PIN or code, known
 * to us or not (`AWS_VAULT_FILE_PASSPHRASE`), except for names of commands that give one. The others
 * (back end, folders, prompt) are harmless, and an aws-vault further inside needs them.
 */
export function isOwnSecret(name: string): boolean {
  const upper = name.toUpperCase();
  if (!upper.startsWith("AWS_VAULT_") || /_(?:CMD|COMMAND|DIR)$/.test(upper)) return false;
  return /PASSPHRASE|PASSWORD|TOKEN|SECRET_?(?:ACCESS|KEY|$)|_PIN$|_CODE$|_OTP$/.test(upper);
}

/** The passphrase of the file store, as for aws-vault 7. */
export const PASSPHRASE_VARIABLE = "AWS_VAULT_FILE_PASSPHRASE";

/**
 * Every variable that holds an AWS key or a token for one, of today and of old; AWS_ACCESS_KEY and
 * AWS_SECRET_KEY are Java's and Go's of the first generation, AMAZON_* Ruby's.
 */
export const AWS_KEY_VARIABLES: ReadonlySet<string> = new Set([
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_SECURITY_TOKEN",
  "AWS_ACCESS_KEY",
  "AWS_SECRET_KEY",
  "AMAZON_ACCESS_KEY_ID",
  "AMAZON_SECRET_ACCESS_KEY",
  "AMAZON_SESSION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
]);

/**
 * The environment of a helper (`mfa_process`, `credential_process`, a prompt, `pass`, a passphrase
 * command): ours without our own secrets and without AWS keys.
 *
 * A helper is somebody else's program, and what it starts inherits from it: neither the passphrase of
 * the file store nor the key that `add --env` is given, or an outer `exec` has left, has any business
 * there. A `credential_process` finds what it needs where the config file says, not in a key that
 * happens to be in the environment, and that may be another profile's.
 */
export function renderHelperEnvironment(
  parent: Readonly<Record<string, string>>,
): Record<string, string> {
  const isKey = (name: string) => AWS_KEY_VARIABLES.has(name.toUpperCase());
  return Object.fromEntries(
    Object.entries(parent).filter(([name]) => !isOwnSecret(name) && !isKey(name)),
  );
}

/**
 * What a helper that is this program itself gets besides, for `ProgramRequest.ownEnv`: the passphrase
 * of the file store, since `credential_process = aws-vault export …` is a common line. Other secrets
 * of ours, such as an MFA code, are for one run.
 */
export function renderOwnEnvironment(env: Pick<Env, "get">): Record<string, string> | undefined {
  const passphrase = env.get(PASSPHRASE_VARIABLE);
  return passphrase !== undefined ? { [PASSPHRASE_VARIABLE]: passphrase } : undefined;
}

/**
 * The environment of a helper of the desktop or the system (a window, a browser, `pass` with its
 * pinentry): that of every helper, with the system's libraries.
 *
 * A frozen caller (PyInstaller's programs, such as the AWS CLI) puts libraries of its own before the
 * system's, with which such a program does not start; it keeps the value from before.
 */
export function renderDesktopEnvironment(
  parent: Readonly<Record<string, string>>,
): Record<string, string> {
  const { LD_LIBRARY_PATH: _, LD_LIBRARY_PATH_ORIG: original, ...others } = renderHelperEnvironment(
    parent,
  );
  return original ? { ...others, LD_LIBRARY_PATH: original } : others;
}
