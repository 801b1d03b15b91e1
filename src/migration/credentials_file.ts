/**
 * The shared credentials file (`~/.aws/credentials`): reads the plain keys in it, and removes them.
 *
 * A section is a profile named by the unchanged text between the brackets (botocore,
 * `configloader.load_config`). The AWS CLI also reads keys from the config file, whose sections are
 * `[profile work]`: such a section is the profile `work` here too, because nobody would find its
 * key under another name.
 */

import { removeEntries } from "../config/edit.ts";
import { openConfig } from "../config/config_file.ts";
import type { IniEntry } from "../config/ini.ts";
import { parseSectionName } from "../config/section_name.ts";
import { isAccessKeyId, isSecretAccessKey } from "../credentials/entered_key.ts";
import { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import {
  type Importable,
  type ImportableKey,
  takeRepeated,
  type Unimportable,
} from "./importable_key.ts";

const KEY_ID = "aws_access_key_id";
const SECRET = "aws_secret_access_key";
/** Either makes the credentials temporary (botocore, `SharedCredentialProvider.TOKENS`). */
const TOKENS = ["aws_session_token", "aws_security_token"];
/** Settings of these files that affect how a key is used, and that are not imported from here. */
const NEEDED_BESIDES = ["role_arn", "source_profile", "mfa_serial", "region"];

/** The long-term keys of a credentials file; throws `bad-config` with the line of a mistake. */
export function readCredentialsFile(text: string, path: string): Importable {
  const keys: ImportableKey[] = [];
  const others: Unimportable[] = [];
  const sections = Map.groupBy(openConfig(text, path).sections(), ({ header }) => header);
  for (const [header, parts] of sections) {
    const found = readKey(profileOf(header), parts.flatMap(({ entries }) => entries));
    if (found === undefined) continue;
    if ("key" in found) keys.push(found);
    else others.push(found);
  }
  return { keys, others: [...others, ...takeRepeated(keys)] };
}

function profileOf(header: string): string {
  return /^profile\s/.test(header) && parseSectionName(header)?.name || header;
}

function readKey(
  profile: string,
  entries: readonly IniEntry[],
): ImportableKey | Unimportable | undefined {
  const values = (key: string) =>
    new Set(entries.filter((entry) => entry.key === key).map(({ value }) => value));
  const [ids, secrets] = [values(KEY_ID), values(SECRET)];
  if (ids.size === 0 && secrets.size === 0) return undefined;
  // An empty token counts as absent, as in botocore.
  if (TOKENS.some((token) => [...values(token)].some((value) => value !== ""))) {
    return { profile, why: "its credentials are temporary", isFailure: false };
  }
  if (ids.size === 0) return { profile, why: `it has no ${KEY_ID}`, isFailure: true };
  if (secrets.size === 0) return { profile, why: `it has no ${SECRET}`, isFailure: true };
  // The pairs are ambiguous; the AWS CLI refuses such a file.
  if (ids.size > 1 || secrets.size > 1) {
    return { profile, why: "the file has several keys of this name", isFailure: true };
  }
  const [id] = ids;
  const [secret] = secrets;
  if (typeof id !== "string" || !isAccessKeyId(id)) {
    return { profile, why: "its access key ID is not valid", isFailure: true };
  }
  if (typeof secret !== "string" || !isSecretAccessKey(secret)) {
    return { profile, why: "its secret access key is not valid", isFailure: true };
  }
  return { profile, key: { accessKeyId: id, secretAccessKey: new Secret(secret) } };
}

/** The profile's other settings in this file that are read only from the config file: their names. */
export function settingsLeftBehind(text: string, path: string, profile: string): string[] {
  const sections = openConfig(text, path).sections().filter(({ header }) =>
    profileOf(header) === profile
  );
  const present = new Set(sections.flatMap(({ entries }) => entries.map(({ key }) => key)));
  return NEEDED_BESIDES.filter((key) => present.has(key));
}

/**
 * The text without the two lines of each key, every other byte unchanged; empty sections stay.
 *
 * Removes a key only if it is still the one that was stored: the file may have changed since.
 */
export function removeKeys(text: string, path: string, keys: readonly ImportableKey[]): string {
  const stored = new Map(keys.map(({ profile, key }) => [profile, key]));
  const isCurrent = new Set(
    readCredentialsFile(text, path).keys
      .filter(({ profile, key }) => isSame(stored.get(profile), key))
      .map(({ profile }) => profile),
  );
  return removeEntries(
    text,
    path,
    (header, { key }) => isCurrent.has(profileOf(header)) && (key === KEY_ID || key === SECRET),
  );
}

function isSame(a: ImportableKey["key"] | undefined, b: ImportableKey["key"]): boolean {
  return a?.accessKeyId === b.accessKeyId &&
    a.secretAccessKey.reveal() === b.secretAccessKey.reveal();
}

/** One sentence for each key that appears under several names. */
export function findDuplicates(keys: readonly ImportableKey[]): string[] {
  const byId = Map.groupBy(keys, ({ key }) => key.accessKeyId);
  return [...byId].filter(([, same]) => same.length > 1).map(([id, same]) =>
    `Profiles ${same.map(({ profile }) => quote(profile)).join(" and ")} have the same key ${id}`
  );
}
