import type { Env } from "./host.ts";

/** Names the chain of helpers that this invocation runs inside (`src/credentials/helper_chain.ts`). */
export const PROFILE_CHAIN = "AWS_VAULT_PROFILE_CHAIN";

/**
 * A mark in a helper's environment, by which the processes that it started are found after it has ended
 * (`src/system/process_tree.ts`).
 */
export const HELPER_MARK = "AWS_VAULT_HELPER_MARK";

/**
 * Whether an environment variable holds a secret that is meant for this program alone.
 *
 * Every `AWS_VAULT_*` whose name mentions a passphrase, password, token, secret, PIN or code, known
 * to us or not (`AWS_VAULT_FILE_PASSPHRASE`), except for names of commands that give one. The others
 * (back end, folders, prompt) are harmless, and a nested aws-vault needs them.
 */
export function isOwnSecret(name: string): boolean {
  const upper = name.toUpperCase();
  if (!upper.startsWith("AWS_VAULT_") || /_(?:CMD|COMMAND|DIR)$/.test(upper)) return false;
  return /PASSPHRASE|PASSWORD|TOKEN|SECRET_?(?:ACCESS|KEY|$)|_PIN$|_CODE$|_OTP$/.test(upper);
}

/** The passphrase of the file store, as for aws-vault 7. */
export const PASSPHRASE_VARIABLE = "AWS_VAULT_FILE_PASSPHRASE";

/**
 * Every variable, current or old, that holds an AWS key or a token for one. AWS_ACCESS_KEY and
 * AWS_SECRET_KEY are from the first SDKs for Java and Go, AMAZON_* from Ruby's.
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
 * A helper is somebody else's program, and its children inherit its environment: it must not get the
 * passphrase of the file store, the key given to `add --env`, or the key that an outer `exec` has set.
 * A `credential_process` gets its input from the config file, not from a key that happens to be in
 * the environment and may belong to another profile.
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
 * What a helper that is this program itself gets in addition, for `ProgramRequest.ownEnv`: the passphrase
 * of the file store, since `credential_process = aws-vault export …` is a common line. Our other
 * secrets, such as an MFA code, are for one invocation.
 */
export function renderOwnEnvironment(env: Pick<Env, "get">): Record<string, string> | undefined {
  const passphrase = env.get(PASSPHRASE_VARIABLE);
  return passphrase !== undefined ? { [PASSPHRASE_VARIABLE]: passphrase } : undefined;
}

/**
 * The environment of a helper of the desktop or the system (a window, a browser, `pass` with its
 * pinentry): that of every helper, with the system's libraries.
 *
 * A frozen caller (a PyInstaller program, such as the AWS CLI) puts its bundled libraries before the
 * system's, and desktop programs do not start with those. It saves the former value, which is used here.
 */
export function renderDesktopEnvironment(
  parent: Readonly<Record<string, string>>,
): Record<string, string> {
  const { LD_LIBRARY_PATH: _, LD_LIBRARY_PATH_ORIG: original, ...others } = renderHelperEnvironment(
    parent,
  );
  return original ? { ...others, LD_LIBRARY_PATH: original } : others;
}
