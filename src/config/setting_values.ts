/** Values that are more than text, from a setting or an environment variable, with errors that name the place. */

import { VaultError } from "../errors.ts";
import type { Env } from "../host.ts";
import { quote } from "../text.ts";
import type { TextSetting } from "./inherit.ts";

/** A text and its origin. */
export interface Sourced {
  readonly text: string;
  /** The error about this text: `bad-usage` for a variable, `bad-config` for a setting. */
  bad(what: string): VaultError;
}

/** The value of a variable; absent if it is unset or empty. */
export function fromEnv(env: Env, name: string): Sourced | undefined {
  const text = env.get(name);
  if (text === undefined || text === "") return undefined;
  const bad = (what: string) => new VaultError("bad-usage", `Cannot understand ${name}: ${what}`);
  return { text, bad };
}

/** The value of a setting. */
export function fromSetting(setting: TextSetting | undefined): Sourced | undefined {
  if (setting === undefined) return undefined;
  return { text: setting.value, bad: (what) => setting.bad(`${setting.key}: ${what}`) };
}

/** `true` or `false` in any case; absent is `false`. */
export function asBoolean(source: Sourced | undefined): boolean {
  const text = source?.text.toLowerCase();
  if (text === undefined || text === "false") return false;
  if (text === "true") return true;
  throw source!.bad(`${quote(source!.text)} is neither "true" nor "false"`);
}

/** One of a few words, in any case. */
export function asWord<const W extends string>(
  source: Sourced | undefined,
  words: readonly W[],
): W | undefined {
  if (source === undefined) return undefined;
  const word = words.find((word) => word === source.text.toLowerCase());
  if (word !== undefined) return word;
  throw source.bad(`${quote(source.text)} is not one of ${words.join(", ")}`);
}

/** `key=value,key=value`; a repeated key has its later value, in its first place. */
export function asTags(source: Sourced | undefined): { key: string; value: string }[] {
  if (source === undefined) return [];
  const tags = new Map<string, string>();
  for (const part of source.text.split(",")) {
    const sign = part.indexOf("=");
    const key = part.slice(0, Math.max(sign, 0)).trim();
    if (key === "") throw source.bad("tags have the form key=value,key=value");
    tags.set(key, part.slice(sign + 1).trim());
  }
  return [...tags].map(([key, value]) => ({ key, value }));
}

/** Words between commas; empty ones are omitted. */
export function asList(source: Sourced | undefined, separator: RegExp = /,/): string[] {
  const words = source?.text.split(separator).map((word) => word.trim()) ?? [];
  return words.filter((word) => word !== "");
}
