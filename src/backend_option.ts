/**
 * The options of back ends: each row of the table declares its own, and everything else is derived.
 *
 * A declaration yields the flag of every command, its line in help, manual and completion, the
 * variable's line in the manual, and the type of the value that the back end gets.
 */

import { parseDuration } from "./duration.ts";
import { VaultError } from "./errors.ts";
import type { Env } from "./host.ts";
import { Secret } from "./secret.ts";
import { quote } from "./text.ts";

/** What a back end gets for an option of each kind. */
export interface OptionKinds {
  readonly text: string;
  /** A flag without a value; a variable is true if it holds `true`. */
  readonly boolean: boolean;
  readonly count: number;
  /** In seconds. */
  readonly duration: number;
  /** An inherited file descriptor, closed at the end of the run so that no child can read it. */
  readonly descriptor: number;
  /** Always a variable, since argument lists are public. No child inherits it. */
  readonly secret: Secret;
}

/** One option, as a row declares it. */
export type BackendOption = FlagOption | VariableOption;

interface DescribedOption {
  /** A line for help and manual, without a full stop and without the derived parts. */
  readonly brief: string;
  /** Used if neither flag nor variable is given; written as they are, such as `15m`. */
  readonly default?: string;
}

interface FlagOption extends DescribedOption {
  readonly kind: Exclude<keyof OptionKinds, "secret">;
  /** Its long name, `--file-dir`; every command takes it. */
  readonly flag: `--${string}`;
  readonly variable?: string;
  /** Stands for the value in help; shells complete a `folder`, `file`, `program` or `command`. */
  readonly placeholder?: string;
  /** Whether it names the place of the keys within the back end. */
  readonly namesPlace?: boolean;
}

interface VariableOption extends DescribedOption {
  readonly kind: Exclude<keyof OptionKinds, "descriptor">;
  readonly flag?: undefined;
  readonly variable: string;
}

/** The options of one back end, by the names under which it gets their values. */
export type BackendOptions = Readonly<Record<string, BackendOption>>;

/** The values of declared options; `undefined` if nothing is given and there is no default. */
export type OptionValues<O extends BackendOptions> = {
  readonly [Name in keyof O]:
    | OptionKinds[O[Name]["kind"]]
    | (O[Name] extends { readonly default: string } ? never : undefined);
};

/** The flags of a command line, by the names that `flagKey` gives. */
export type GivenFlags = Readonly<Record<string, unknown>>;

/** The name under which a command line's flags hold an option: `fileDir` of `--file-dir`. */
export function flagKey(flag: string): string {
  return flag.slice(2).replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * The values of all options. Flags win over variables, and an empty text counts as unset. A variable's
 * duration needs a unit: a bare number counts as unset, and `onBad` gets a sentence about it.
 */
export function readOptions<const O extends BackendOptions>(
  options: O,
  flags: GivenFlags,
  env: Env,
  onBad: (text: string) => void = () => {},
): OptionValues<O> {
  const values = Object.entries(options).map(([name, option]) =>
    [name, readOption(option, flags, env, onBad)] as const
  );
  return Object.fromEntries(values) as OptionValues<O>;
}

/** A parsed flag already has the option's kind, since the flag is made from the same declaration. */
function readOption(
  option: BackendOption,
  flags: GivenFlags,
  env: Env,
  onBad: (text: string) => void,
): unknown {
  const given = option.flag === undefined ? undefined : flags[flagKey(option.flag)];
  if (given !== undefined && given !== "") return given;
  const value = option.variable && env.get(option.variable);
  const isBad = option.kind === "duration" && value && isWithoutUnit(value);
  if (isBad) onBad(`${option.variable} is ignored: ${quote(value)} has no unit, such as 15m`);
  const text = (!isBad && value) || option.default;
  return text ? PARSERS[option.kind](text, option.variable ?? "the default") : undefined;
}

function isWithoutUnit(text: string): boolean {
  return text !== "0" && /^\d+(\.\d+)?$/.test(text);
}

/** What Go's `strconv.ParseBool` takes as true; aws-vault 7 read these variables with it. */
const TRUE: ReadonlySet<string> = new Set(["1", "t", "true"]);

const PARSERS: {
  readonly [K in keyof OptionKinds]: (text: string, source: string) => OptionKinds[K];
} = {
  text: (text) => text,
  boolean: (text) => TRUE.has(text.toLowerCase()),
  count: parseCount,
  duration: parseDuration,
  descriptor: parseCount,
  secret: (text) => new Secret(text),
};

/** The parser of a flag's text; `undefined` for a flag without a value. */
export function flagParser({ kind, flag }: BackendOption): ((text: string) => unknown) | undefined {
  return kind === "boolean" ? undefined : (text) => PARSERS[kind](text, flag ?? "the flag");
}

/** A whole number, zero or more; throws `bad-usage`, naming the flag or variable if `source` is given. */
export function parseCount(text: string, source?: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const what = source === undefined ? quote(text) : `${source} ${quote(text)}`;
  throw new VaultError("bad-usage", `Cannot understand ${what}: it must be a whole number`);
}
