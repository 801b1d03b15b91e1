import type { Profile } from "../../config/profile.ts";
import type { Credentials } from "../../credentials.ts";
import { VaultError } from "../../errors.ts";
import { warnOnce } from "../../talk.ts";
import { commandLine, quote } from "../../text.ts";
import { readSharedCredentials, type SharedCredentials } from "../shared_credentials.ts";
import type { CredentialSource, MatchDeps, ObtainDeps } from "../source.ts";

const IMPORT = "Move the key into the keystore: aws-vault import --delete-source";

/**
 * A long-term key in `~/.aws/credentials`: like a stored key, except that every program of the user
 * can read it, which causes a warning.
 */
export const SHARED_KEY: CredentialSource = {
  kind: "shared-credentials-file",
  settings: [],
  canShowMfa: true,
  takesRole: false,
  givesLongTermKey: true,
  matches(profile, { host }) {
    const found = findUsable(host, profile);
    return found !== undefined && found.sessionToken === undefined;
  },
  check: refuse,
  describe: describeKey,
  describePerson: (_, profile) => Promise.resolve(`Nobody is asked for ${describeKey(profile)}`),
  open,
};

/** Temporary credentials in `~/.aws/credentials`, written by another program. */
export const SHARED_SESSION: CredentialSource = {
  kind: "shared-credentials-file (temporary)",
  settings: [],
  canShowMfa: true,
  takesRole: false,
  matches: (profile, { host }) => findUsable(host, profile)?.sessionToken !== undefined,
  check: refuse,
  describe: describeSession,
  describePerson: (_, profile) =>
    Promise.resolve(`Nobody is asked for ${describeSession(profile)}`),
  open,
};

/**
 * The credentials of a profile in the file.
 *
 * An SDK that finds a `role_arn` beside them assumes that role. Throws `bad-config` if the profile has
 * none: without the role, the credentials could do what nobody expects of this profile.
 */
function findUsable(
  host: MatchDeps["host"],
  { name, roleArn }: Profile,
): SharedCredentials | undefined {
  const found = readSharedCredentials(host, name);
  if (found?.roleArn === undefined || roleArn !== undefined) return found;
  throw new VaultError(
    "bad-config",
    `Cannot use the credentials of profile ${quote(name)} in ${quote(found.path)}: ` +
      "the role_arn beside them is read from the config file only",
    { hints: [`Move role_arn = ${found.roleArn} into the config file`] },
  );
}

function describeKey({ name }: Profile): string {
  return `the key of profile ${quote(name)} in the shared credentials file`;
}

function describeSession({ name }: Profile): string {
  return `the temporary credentials of profile ${quote(name)} in the shared credentials file`;
}

/**
 * `aws_vault_static_keys = refuse`: a team's rule that no key is kept unencrypted. It also applies if a
 * profile with this setting leads here by `source_profile`, unless the key's own profile sets something else.
 */
function refuse({ name, staticKeys }: Profile, chain: readonly Profile[]): void {
  const rule = staticKeys ?? chain.find((profile) => profile.staticKeys !== undefined)?.staticKeys;
  if (rule !== "refuse") return;
  throw new VaultError(
    "bad-config",
    `Cannot use the credentials of profile ${quote(name)} in the shared credentials file: ` +
      "aws_vault_static_keys = refuse",
    { hints: [IMPORT, `Or store another key: ${commandLine(["add"], name)}`] },
  );
}

function open({ host }: ObtainDeps, { name }: Profile) {
  // Read once: another program may write the file between the fingerprint and the call.
  const found = readSharedCredentials(host, name);
  if (found !== undefined) warn(host, name, found);
  return {
    fingerprint: () => found && fingerprintOf(name, found),
    obtain: () => Promise.resolve().then(() => requireCurrent(host, name, found)),
  };
}

/** Secrets are only hashed, never stored: with half a key replaced, AWS refuses and no cached row serves. */
function fingerprintOf(name: string, found: SharedCredentials) {
  const { accessKeyId, secretAccessKey, sessionToken } = found;
  return {
    name,
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    sessionToken: sessionToken?.reveal(),
  };
}

function warn(
  { talk }: ObtainDeps["host"],
  name: string,
  { path, sessionToken }: SharedCredentials,
) {
  const what = sessionToken === undefined ? "The key" : "The temporary credentials";
  const verb = sessionToken === undefined ? "stands" : "stand";
  const text = `${what} of profile ${quote(name)} ${verb} unencrypted in ${quote(path)}, ` +
    "which every program can read; aws-vault import stores keys in the keystore";
  warnOnce(talk, text, "shared-credentials-file");
}

function requireCurrent(
  { clock }: Pick<ObtainDeps["host"], "clock">,
  name: string,
  found: SharedCredentials | undefined,
): Credentials {
  if (found === undefined) {
    throw new VaultError(
      "no-credentials",
      `Cannot get credentials for profile ${quote(name)}: its key was removed in the meantime`,
      { hints: [`Store one: ${commandLine(["add"], name)}`] },
    );
  }
  const { path, roleArn: _, ...credentials } = found;
  const { expiration } = credentials;
  if (expiration === undefined || Temporal.Instant.compare(expiration, clock.now()) > 0) {
    return credentials;
  }
  throw new VaultError(
    "no-credentials",
    `Cannot get credentials for profile ${quote(name)}: those in ${quote(path)} expired at ` +
      expiration.toString({ smallestUnit: "second" }),
    { hints: ["Run the program that wrote them again"] },
  );
}
