/** The credentials of one profile in the shared credentials file, which other programs keep unencrypted. */

import { openConfig } from "../config/config_file.ts";
import { credentialsPath } from "../config/files.ts";
import type { IniEntry } from "../config/ini.ts";
import { parseSectionName } from "../config/section_name.ts";
import { canBePassedOn, type Credentials } from "../credentials.ts";
import { hasCode, VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { Secret } from "../secret.ts";
import { commandLine, quote } from "../text.ts";
import { isProfileName } from "./entered_key.ts";

/** Either makes credentials temporary (botocore, `SharedCredentialProvider.TOKENS`). */
const TOKENS = ["aws_session_token", "aws_security_token"];
/** Where this and other programs write the end: saml2aws, aws-azure-login. */
const EXPIRATIONS = ["x_security_token_expires", "aws_expiration", "aws_credential_expiration"];

/** One profile's credentials in the file. */
export interface SharedCredentials extends Credentials {
  /** The file. */
  readonly path: string;
  /** The role that SDKs assume with them; this program reads roles from the config file only. */
  readonly roleArn?: string;
}

/**
 * The credentials in `~/.aws/credentials` (`AWS_SHARED_CREDENTIALS_FILE`) under a profile's name; `undefined`
 * if there are none.
 *
 * The text between the brackets of a section is the profile's name; `[profile work]` is `work`, as in
 * `import`. Sections of one name are merged; the later wins. Throws `bad-config` for half a key, for values
 * that cannot be a header or variable, and with the line of a mistake in a file that names the profile.
 */
export function readSharedCredentials(
  host: Pick<Host, "env" | "platform" | "files">,
  profile: string,
): SharedCredentials | undefined {
  const path = findPath(host);
  const text = path === undefined ? undefined : host.files.readText(path);
  // A profile that the file does not name is not affected by thousands of sections, or a mistake.
  if (path === undefined || text === undefined || !text.includes(profile)) return undefined;
  const entries = openConfig(text, path).sections()
    .filter(({ header }) => profileOf(header) === profile)
    .flatMap(({ entries }) => entries);
  return readEntries(entries, profile, path);
}

/** Without a home folder and a variable with the path there is no such file. */
function findPath(host: Pick<Host, "env" | "platform">): string | undefined {
  try {
    return credentialsPath(host);
  } catch (error) {
    if (hasCode(error, "bad-config")) return undefined;
    throw error;
  }
}

function profileOf(header: string): string {
  return /^profile\s/.test(header) && parseSectionName(header)?.name || header;
}

function readEntries(
  entries: readonly IniEntry[],
  profile: string,
  path: string,
): SharedCredentials | undefined {
  const bad = (problem: string) =>
    new VaultError(
      "bad-config",
      `Cannot use the credentials of profile ${quote(profile)} in ${quote(path)}: ${problem}`,
      isProfileName(profile)
        ? { hints: [`A stored key goes first: ${commandLine(["add"], profile)}`] }
        : {},
    );
  const get = (...keys: readonly string[]) => {
    const value = entries.findLast(({ key, value }) => keys.includes(key) && value !== "")?.value;
    if (value === undefined || typeof value === "string" && canBePassedOn(value)) return value;
    // Not quoted: it may be a secret.
    throw bad(`its ${keys[0]} has invalid characters`);
  };
  const [id, secret] = [get("aws_access_key_id"), get("aws_secret_access_key")];
  if (id === undefined && secret === undefined) return undefined;
  if (id === undefined) throw bad("it has no aws_access_key_id");
  if (secret === undefined) throw bad("it has no aws_secret_access_key");
  const token = get(...TOKENS);
  const roleArn = get("role_arn");
  const expiration = token === undefined ? undefined : parseInstant(get(...EXPIRATIONS));
  return {
    path,
    accessKeyId: id,
    secretAccessKey: new Secret(secret),
    ...token !== undefined && { sessionToken: new Secret(token) },
    ...expiration && { expiration },
    ...roleArn !== undefined && { roleArn },
  };
}

/** Programs write it in many forms; one that is not RFC 3339 is ignored here. */
function parseInstant(text: string | undefined): Temporal.Instant | undefined {
  try {
    return text === undefined ? undefined : Temporal.Instant.from(text);
  } catch {
    return undefined;
  }
}
