/**
 * The settings of a section as aws-vault 7 reads them, where it reads more than the AWS CLI does.
 *
 * aws-vault 7's parser (go-ini) removes quotation marks around a whole value, and reads an indented
 * `key = value` below a key with a value as a separate setting. For botocore the marks are part of
 * the value and the indented line continues it, which gives no working setting; so both are read.
 */

import type { Section, Setting } from "./config_file.ts";

const read = new WeakMap<Section, ReadonlyMap<string, Setting>>();

/** The settings of a section by key; those in the first column take precedence over indented ones. */
export function plainSettings(section: Section): ReadonlyMap<string, Setting> {
  const known = read.get(section);
  if (known !== undefined) return known;
  const settings = isPlain(section) ? section.settings : readSettings(section);
  read.set(section, settings);
  return settings;
}

/** Nearly every section has neither, and needs no new map. */
function isPlain({ settings }: Section): boolean {
  for (const { value } of settings.values()) {
    if (typeof value === "string" && /^["'`]|\n/.test(value)) return false;
  }
  return true;
}

function readSettings(section: Section): ReadonlyMap<string, Setting> {
  const own = new Map<string, Setting>();
  const indented = new Map<string, Setting>();
  for (const [key, setting] of section.settings) {
    const { value } = setting;
    if (typeof value !== "string") {
      own.set(key, setting);
      continue;
    }
    const [text, below] = splitIndented(value);
    own.set(key, withValue(setting, key, unquoted(key, text)));
    for (const [name, more] of below) {
      indented.set(name, withValue(setting, name, unquoted(name, more)));
    }
  }
  return new Map([...indented, ...own]);
}

const INDENTED_SETTING = /^([a-z][a-z0-9_]*)\s*=\s*(.*)$/;

/** A value without the settings indented below it, and those settings. */
function splitIndented(value: string): [string, [key: string, value: string][]] {
  const [first = "", ...lines] = value.split("\n");
  const kept = [first];
  const below: [string, string][] = [];
  for (const line of lines) {
    const setting = INDENTED_SETTING.exec(line);
    const last = below.at(-1);
    if (setting !== null) below.push([setting[1]!, setting[2]!]);
    else if (last !== undefined) last[1] = `${last[1]}\n${line}`;
    else kept.push(line);
  }
  return [kept.join("\n"), below];
}

/**
 * A value without quotation marks around the whole of it. A command line of several words keeps
 * them, since they group words.
 */
function unquoted(key: string, value: string): string {
  const inner = /^(["'`])(?<inner>.*)\1$/s.exec(value)?.groups?.["inner"];
  if (inner === undefined || inner.includes(value[0]!)) return value;
  return key.endsWith("_process") && /\s/.test(inner) ? value : inner;
}

function withValue(setting: Setting, key: string, value: string): Setting {
  return { key, value, bad: (what) => setting.bad(what), place: () => setting.place() };
}
