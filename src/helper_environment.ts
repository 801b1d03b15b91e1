/** Holds the chain of profiles whose `credential_process` is running, so that one that calls us back is seen. */
export const PROFILE_CHAIN = "AWS_VAULT_PROFILE_CHAIN";

/**
 * Whether an environment variable holds a secret that is meant for this program alone.
 *
 * Every `AWS_VAULT_*` whose name speaks of a passphrase, password, token, secret, PIN or code, known
 * to us or not (`AWS_VAULT_FILE_PASSPHRASE`), but for names of commands that give one. The others
 * (back end, folders, prompt) are harmless, and an aws-vault further inside needs them.
 */
export function isOwnSecret(name: string): boolean {
  const upper = name.toUpperCase();
  if (!upper.startsWith("AWS_VAULT_") || /_(?:CMD|COMMAND|DIR)$/.test(upper)) return false;
  return /PASSPHRASE|PASSWORD|TOKEN|SECRET_?(?:ACCESS|KEY|$)|_PIN$|_CODE$|_OTP$/.test(upper);
}

/**
 * The environment of a helper (`mfa_process`, `credential_process`, a passphrase command): ours
 * without our own secrets.
 *
 * A helper is somebody else's program, and what it starts inherits from it: the passphrase of the
 * file store has no business there (pains C2).
 */
export function renderHelperEnvironment(
  parent: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(parent).filter(([name]) => !isOwnSecret(name)));
}
