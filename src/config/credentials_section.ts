/**
 * Writes temporary credentials to one section of a credentials file, and removes them. Pure.
 *
 * Every other byte of the file stays, also the section's other content (comments, `output`).
 */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { openConfig } from "./config_file.ts";
import { cut, endsLine, insertEntry, newlineOf, removeEntries, replaceValue } from "./edit.ts";
import type { IniSection } from "./ini.ts";

type Settings = readonly (readonly [key: string, value: string])[];

/** Settings of credentials: an old one without a new value must not stay beside the new ones. */
const OF_CREDENTIALS = new Set([
  "aws_access_key_id",
  "aws_secret_access_key",
  "aws_session_token",
  "aws_security_token",
  "aws_credential_expiration",
]);
const TOKENS = ["aws_session_token", "aws_security_token"];

/** A changed text, and what is new in it. */
export interface SectionEdit {
  readonly text: string;
  readonly isNewSection: boolean;
}

/**
 * Puts credentials into a section; a missing section is added at the end of the file.
 *
 * Throws `conflict` if the section has a long-term key, which would be lost, and if the file would be read
 * back differently; `bad-config` for an unreadable file, `bad-usage` for an invalid section name.
 */
export function writeCredentials(
  text: string,
  path: string,
  name: string,
  settings: Settings,
): SectionEdit {
  requireSectionName(name);
  const parts = partsOf(text, path, name);
  if (hasLongTermKey(parts)) {
    throw new VaultError(
      "conflict",
      `Cannot write section ${quote(name)} of ${
        quote(path)
      }: it has a long-term key, which would be lost`,
      { hints: ["Store the key first (aws-vault import), or name another --section"] },
    );
  }
  const after = parts.length === 0 ? appendSection(text, name, settings) : settings.reduce(
    (text, [key, value]) => setEntry(text, path, name, key, value),
    removeEntries(
      text,
      path,
      (header, { key }) => header === name && OF_CREDENTIALS.has(key) && !hasKey(settings, key),
    ),
  );
  requireSame(text, after, path, name);
  const written = new Map(
    partsOf(after, path, name).flatMap(({ entries }) =>
      entries.map(({ key, value }) => [key, value] as const)
    ),
  );
  if (settings.every(([key, value]) => written.get(key) === value)) {
    return { text: after, isNewSection: parts.length === 0 };
  }
  throw misread(path, name);
}

/** The value of a setting of a section; `undefined` if there is none. */
export function readSetting(
  text: string,
  path: string,
  name: string,
  wanted: string,
): string | undefined {
  const entries = partsOf(text, path, name).flatMap(({ entries }) => entries);
  const value = entries.findLast(({ key }) => key === wanted)?.value;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Removes credentials and further settings from a section; on request also its header, if nothing else is under it. */
export function removeCredentials(
  text: string,
  path: string,
  name: string,
  { others, withHeader }: { readonly others: readonly string[]; readonly withHeader: boolean },
): string {
  const isMeant = (key: string) => OF_CREDENTIALS.has(key) || others.includes(key);
  const emptied = removeEntries(text, path, (header, { key }) => header === name && isMeant(key));
  const [part, ...more] = partsOf(emptied, path, name);
  const isBare = part !== undefined && more.length === 0 && part.entries.length === 0;
  if (!withHeader || !isBare || !isFollowedByNothing(emptied, path, part)) return emptied;
  const newline = newlineOf(emptied);
  const blank = emptied.slice(0, part.line.at).endsWith(newline + newline) ? newline.length : 0;
  const after = cut(emptied, [{ at: part.line.at - blank, next: part.line.next }]);
  requireSame(text, after, path, name);
  return after;
}

/** Whether there is no comment between the header and the next one. */
function isFollowedByNothing(text: string, path: string, part: IniSection): boolean {
  const next = openConfig(text, path).sections().find(({ line }) => line.at > part.line.at);
  return text.slice(part.line.next, next?.line.at ?? text.length).trim() === "";
}

/** The name is written between the brackets unquoted (botocore, `configloader.load_config`). */
function requireSectionName(name: string): void {
  // deno-lint-ignore no-control-regex -- these are what is looked for
  if (name !== "" && name === name.trim() && !/[\x00-\x1f\x7f[\]]/.test(name)) return;
  throw new VaultError(
    "bad-usage",
    `Cannot use --section ${quote(name)}: it is not possible as a section name`,
  );
}

function partsOf(text: string, path: string, name: string): IniSection[] {
  return openConfig(text, path).sections().filter(({ header }) => header === name);
}

function hasLongTermKey(parts: readonly IniSection[]): boolean {
  const has = (...keys: string[]) =>
    parts.some(({ entries }) =>
      entries.some(({ key, value }) => keys.includes(key) && value !== "")
    );
  return has("aws_access_key_id", "aws_secret_access_key") && !has(...TOKENS);
}

function hasKey(settings: Settings, key: string): boolean {
  return settings.some(([name]) => name === key);
}

function appendSection(text: string, name: string, settings: Settings): string {
  const newline = newlineOf(text);
  const lines = [`[${name}]`, ...settings.map(([key, value]) => `${key} = ${value}`)];
  const isBare = text === "" || text === "\ufeff";
  const gap = isBare ? "" : endsLine(text) ? newline : newline + newline;
  return text + gap + lines.join(newline) + newline;
}

function setEntry(text: string, path: string, name: string, key: string, value: string): string {
  const parts = partsOf(text, path, name);
  const entry = parts.flatMap(({ entries }) => entries).findLast((entry) => entry.key === key);
  return entry === undefined
    ? insertEntry(text, parts.at(-1)!, `${key} = ${value}`)
    : replaceValue(text, entry, value);
}

/** Throws if another section would be read back differently. */
function requireSame(before: string, after: string, path: string, name: string): void {
  const others = (text: string) =>
    JSON.stringify(
      openConfig(text, path).sections().filter(({ header }) => header !== name).map((section) => [
        section.header,
        section.entries.map(({ key, value }) => [
          key,
          typeof value === "string" ? value : [...value],
        ]),
      ]),
    );
  if (others(before) !== others(after)) throw misread(path, name);
}

function misread(path: string, name: string): VaultError {
  return new VaultError(
    "conflict",
    `Cannot write section ${quote(name)} of ${quote(path)}: it would be read back differently`,
  );
}
