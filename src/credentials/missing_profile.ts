/** Hints for a profile that does not exist or has no credentials to start from: what else has its name. */

import { credentialsPath } from "../config/files.ts";
import { readSections } from "../config/ini.ts";
import { lineNumber } from "../config/ini_lines.ts";
import { nameMeant } from "../config/name_meant.ts";
import { programOfSetting } from "../config/others_settings.ts";
import { plainSettings } from "../config/plain_settings.ts";
import type { ConfigFile } from "../config/profile.ts";
import { parseSectionName, renderHeader } from "../config/section_name.ts";
import { unlessFileFails, VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Keyring } from "../keyring.ts";
import { hintsOfNear } from "../near_names.ts";
import { commandLine, quote } from "../text.ts";
import { isProfileName } from "./entered_key.ts";
import { classifyItem } from "./key_names.ts";

/** Where a name is searched for. */
export interface MissingDeps {
  readonly host: Pick<Host, "env" | "platform" | "files">;
  readonly config: () => ConfigFile;
  readonly keyring: () => Promise<Keyring>;
}

/**
 * The error for a profile that is neither configured nor stored. `isToEnd`: the command removes
 * something of the profile, so there is no hint to store a key.
 */
export async function noProfile(
  deps: MissingDeps,
  name: string,
  isToEnd = false,
): Promise<VaultError> {
  const what = `Cannot find profile ${quote(name)}: it is neither in the config file nor stored`;
  const hints = isRole(name) ? [ROLE_HINT] : await hintsAbout(deps, name);
  const all = "See all profiles: aws-vault list";
  const add = hints.length > 0 || isToEnd || !isProfileName(name)
    ? []
    : [`Store a key for it: ${commandLine(["add"], name)}`];
  return new VaultError("no-profile", what, { hints: [...hints, all, ...add] });
}

/** Whether a name is a role's ARN, such as `arn:aws:iam::111122223333:role/admin`. */
function isRole(name: string): boolean {
  return /^arn:[^:]*:iam::[0-9]{12}:role\/./.test(name);
}

const ROLE_HINT = "Name a role with --role-arn, and the profile whose credentials assume it";

/** The error for a configured profile whose chain ends at a name without credentials. */
export async function noCredentials(
  deps: MissingDeps,
  asked: string,
  { end, isConfigured, why }: {
    readonly end: string;
    readonly isConfigured: boolean;
    readonly why?: string | undefined;
  },
): Promise<VaultError> {
  const whose = asked === end
    ? `no key is stored for profile ${quote(end)}`
    : isConfigured
    ? `its source profile ${quote(end)} has no stored key`
    : `its source profile ${quote(end)} is neither in the config file nor stored`;
  const hints = await hintsAbout(deps, end);
  const and = why === undefined ? "" : `, and ${why}`;
  const message = `Cannot get credentials for profile ${quote(asked)}: ${whose}${and}`;
  return new VaultError("no-credentials", message, {
    hints: [...hints, ...isProfileName(end) ? [`Store one: ${commandLine(["add"], end)}`] : []],
  });
}

/** Other places of the name, each with the next command, or similar names. */
async function hintsAbout(deps: MissingDeps, name: string): Promise<string[]> {
  const plain = hintAtPlainKey(deps, name);
  const isConfigured = deps.config().hasProfile(name);
  const header = isConfigured
    ? hintAtOtherProgram(deps.config(), name)
    : hintAtHeader(deps.config(), name);
  const certain = [...header ?? [], ...plain];
  if (certain.length > 0 || isConfigured) return certain;
  const known = [...deps.config().profileNames(), ...await storedNames(deps)];
  return hintsOfNear(name, known, quote);
}

function hintAtHeader(config: ConfigFile, name: string): string[] | undefined {
  const odd = misheadedSection(config, name);
  return odd && [`${odd.what} is not a profile: write ${odd.right}`];
}

/** A section of the name without the word `profile`, or of an unknown kind, and the right header. */
export function misheadedSection(
  { text, path }: ConfigFile,
  name: string,
): { readonly what: string; readonly right: string } | undefined {
  const sections = readSections(text, text.startsWith("\ufeff") ? 1 : 0, () => {});
  const odd = sections.find(({ header }) =>
    parseSectionName(header) === undefined && nameMeant(header) === name
  );
  if (odd === undefined) return undefined;
  return {
    what: `[${odd.header}] in ${path}:${lineNumber(text, odd.line.at)}`,
    right: renderHeader({ kind: "profile", name }),
  };
}

/** Settings of a program that signs in on its own: its credentials do not come from here. */
function hintAtOtherProgram(config: ConfigFile, name: string): string[] {
  const settings = config.profile(name)?.settings.values() ?? [];
  for (const setting of settings) {
    const program = programOfSetting(setting.key);
    if (program === undefined) continue;
    const what = `${setting.key} (${setting.place()}) is a setting of ${program}`;
    return [`${what}: sign in with that program, or name it in credential_process`];
  }
  return [];
}

/**
 * A key in one of the AWS CLI's files is not used from there: the hint is to store it. Settings of a
 * profile are read from the config file only.
 */
function hintAtPlainKey({ host, config }: MissingDeps, name: string): string[] {
  const path = credentialsPath(host);
  const text = unlessFileFails(() => host.files.readText(path)) ?? "";
  const there = readSections(text, text.startsWith("\ufeff") ? 1 : 0, () => {})
    .filter(({ header }) => header.trim() === name)
    .flatMap(({ entries }) => entries);
  const inCredentials = there.some(({ key }) => key === "aws_access_key_id");
  const section = config().profile(name);
  const inConfig = section !== undefined && plainSettings(section).has("aws_access_key_id");
  return [
    ...(inCredentials
      ? [`Its key is in ${path}; store it: ${commandLine(["import", `--profile=${name}`])}`]
      : there.length > 0
      ? [hintAtSettings(path, name, config().path)]
      : []),
    ...(inConfig
      ? [
        `Its key is in ${config().path}; store it: ${
          commandLine(["import", `--from=${config().path}`, `--profile=${name}`])
        }`,
      ]
      : []),
  ];
}

function hintAtSettings(from: string, name: string, to: string): string {
  const header = renderHeader({ kind: "profile", name });
  return `[${name}] in ${from} has no key, and settings are read from ${to} only: write ${header} there`;
}

/** The profiles with a stored key; empty for a keystore that cannot be listed. */
export async function storedNames({ keyring }: Pick<MissingDeps, "keyring">): Promise<string[]> {
  try {
    const names = await (await keyring()).keys();
    return names.filter((name) => classifyItem(name) === "credential");
  } catch (error) {
    if (error instanceof VaultError) return [];
    throw error;
  }
}
