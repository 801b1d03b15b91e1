/**
 * The settings that profiles inherit by `include_profile`. Each profile is read once: a walk of the
 * whole chain for each of its profiles took seconds for a list of 1,000 that include each other.
 */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { ConfigFile, Section, Setting } from "./config_file.ts";
import { plainSettings } from "./plain_settings.ts";

/** A setting whose value is text. */
export interface TextSetting extends Setting {
  readonly value: string;
}

/** A setting, and the section that contains it. */
export interface FoundSetting {
  readonly setting: Setting;
  readonly holder: string;
}

/** A profile, and what it includes. */
export interface Link {
  readonly section: Section | undefined;
  readonly next: Link | undefined;
  /** Whether it is `[default]`, or includes it. */
  readonly hasDefault: boolean;
  /** The settings that lookups by its includers have found so far. */
  readonly found: Map<string, FoundSetting | undefined>;
}

/** A profile whose includes do not end: they form a circle, or one is not a name. */
interface Failure {
  /** The next profile of the chain; the setting of the last one is the faulty one. */
  readonly next: string | undefined;
  /** The setting that closes the circle, or the error. */
  readonly cause: TextSetting | VaultError;
}

const known = new WeakMap<ConfigFile, Map<string, Link | Failure>>();

/**
 * A profile with all that it includes by `include_profile` or the older `parent_profile`. Missing
 * sections count as empty. Throws `bad-config` if includes form a circle.
 */
export function includesOf(config: ConfigFile, name: string): Link {
  const links = known.get(config) ?? new Map<string, Link | Failure>();
  known.set(config, links);
  if (!links.has(name)) readLinks(config, name, links);
  const link = links.get(name)!;
  if (!("cause" in link)) return link;
  if (link.cause instanceof VaultError) throw link.cause;
  throw loopError(name, link.cause, wayRound(name, link.cause, links));
}

/** The first non-empty setting of the key in a profile and its includes. */
export function findSetting(link: Link, key: string): FoundSetting | undefined {
  const passed: Link[] = [];
  let found: FoundSetting | undefined;
  for (let at: Link | undefined = link; at !== undefined; at = at.next) {
    found = findIn(at.section, key);
    if (found !== undefined || at.next === undefined) break;
    passed.push(at);
    if (!at.next.found.has(key)) continue;
    found = at.next.found.get(key);
    break;
  }
  for (const one of passed) one.found.set(key, found);
  return found;
}

/** The setting of the key in one section, unless it is empty. */
export function findIn(section: Section | undefined, key: string): FoundSetting | undefined {
  const setting = section && plainSettings(section).get(key);
  if (setting === undefined || setting.value === "") return undefined;
  return { setting, holder: section!.name };
}

/** The setting as text; throws `bad-config` if it is a nested block. */
export function asText(setting: Setting | undefined): TextSetting | undefined {
  if (setting === undefined || typeof setting.value === "string") {
    return setting as TextSetting | undefined;
  }
  throw setting.bad(`"${setting.key}" has a block of indented lines as its value`);
}

interface Step {
  readonly name: string;
  readonly section: Section | undefined;
  readonly include: TextSetting | undefined;
}

/** Follows includes to a known profile, the end or a circle, and links the profiles passed. */
function readLinks(config: ConfigFile, name: string, links: Map<string, Link | Failure>): void {
  const steps = new Map<string, Step>();
  let next: string | undefined = name;
  try {
    while (next !== undefined && !links.has(next) && !steps.has(next)) {
      // Recorded first, so that a profile that cannot be read fails, too.
      steps.set(next, { name: next, section: undefined, include: undefined });
      const section: Section | undefined = config.profile(next);
      const include: TextSetting | undefined = section && includeOf(section);
      steps.set(next, { name: next, section, include });
      next = include?.value;
    }
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    for (const step of steps.values()) links.set(step.name, failure(step, error));
    return;
  }
  const path = [...steps.values()];
  if (next !== undefined && steps.has(next)) closeCircle(path, next, links);
  else joinLinks(path, next === undefined ? undefined : links.get(next), links);
}

function joinLinks(
  path: readonly Step[],
  end: Link | Failure | undefined,
  links: Map<string, Link | Failure>,
): void {
  let behind = end;
  for (const step of path.toReversed()) {
    const { name, section } = step;
    behind = behind !== undefined && "cause" in behind ? failure(step, behind.cause) : {
      section,
      next: behind,
      hasDefault: name === "default" || behind?.hasDefault === true,
      found: new Map(),
    };
    links.set(name, behind);
  }
}

/** Closes a circle: the last include leads to the profile at which the chain entered the circle. */
function closeCircle(
  path: readonly Step[],
  entry: string,
  links: Map<string, Link | Failure>,
): void {
  const start = path.findIndex(({ name }) => name === entry);
  for (const [at, step] of path.entries()) {
    const last = at > start ? path[at - 1]! : path.at(-1)!;
    links.set(step.name, failure(step, last.include!));
  }
}

function failure({ include }: Step, cause: TextSetting | VaultError): Failure {
  return { next: include?.value, cause };
}

function includeOf(section: Section): TextSetting | undefined {
  const include = findIn(section, "include_profile") ?? findIn(section, "parent_profile");
  return asText(include?.setting);
}

/** The most profiles that an error names of a circle: the first ones and the last. */
const MOST_SHOWN = 9;

/** The names of a circle in order, as many as its error shows, and the one that closes it. */
function wayRound(
  name: string,
  closing: TextSetting,
  links: ReadonlyMap<string, Link | Failure>,
): string[] {
  const names = new Set<string>();
  for (let next: string | undefined = name; next !== undefined && names.size <= MOST_SHOWN;) {
    if (names.has(next)) break;
    names.add(next);
    const link: Link | Failure | undefined = links.get(next);
    next = link !== undefined && "cause" in link ? link.next : undefined;
  }
  return [...names, closing.value];
}

/** The error for profiles that lead back to themselves; `path` ends with the name that closes the circle. */
export function loopError(name: string, closing: Setting, path: readonly string[]): VaultError {
  const shown = path.length > MOST_SHOWN
    ? [...path.slice(0, MOST_SHOWN - 1), "…", ...path.slice(-1)]
    : path;
  const { message } = closing.bad(
    `${quote(name)} refers back to itself through ${closing.key}: ${shown.join(" → ")}`,
  );
  return new VaultError("bad-config", message, {
    hints: [`Remove one ${closing.key} of this loop`],
  });
}
