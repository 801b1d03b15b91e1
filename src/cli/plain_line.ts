/**
 * Reads a command line that is plainly correct, without stricli.
 *
 * Loading stricli and checking all commands takes a tenth of the time of a cached call (measured). That
 * pays off for help, mistakes and suggestions. So a line of known flags and names is read here, from
 * the same tables; anything else gives `undefined` and goes to stricli, which reads every such line
 * in the same way.
 */

/** The properties of a flag, as in stricli's tables. */
export interface PlainFlag {
  readonly kind: string;
  readonly parse?: unknown;
  readonly values?: readonly string[];
  readonly optional?: boolean;
  readonly variadic?: unknown;
  /** Not in stricli: an empty value is a mistake, instead of an absent flag. */
  readonly limits?: boolean;
  /** Its meaning if no value follows (`arrangeArguments` inserts it). */
  readonly bare?: string;
}

/** The parameters of a command, as in stricli's tables. */
export interface PlainParameters {
  readonly flags?: Readonly<Record<string, PlainFlag>>;
  readonly aliases?: Readonly<Record<string, string>>;
  readonly positional?:
    | { readonly kind: "tuple"; readonly parameters: readonly { readonly optional?: boolean }[] }
    | { readonly kind: "array" };
}

/** A parsed line: what stricli would pass to the command. */
export interface PlainLine {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
}

/** Reads the words after the command, or gives `undefined` for anything that is not plain. */
export function readPlainLine(
  words: readonly string[],
  parameters: PlainParameters,
  globalFlags: () => Readonly<Record<string, PlainFlag>> = () => ({}),
): PlainLine | undefined {
  const flags: Record<string, unknown> = {};
  const args: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (!word.startsWith("-")) {
      args.push(word);
      continue;
    }
    const read = readFlag(word, words[i + 1], parameters, globalFlags);
    if (read === undefined || read.name in flags) return undefined;
    flags[read.name] = read.value;
    if (read.tookNext) i++;
  }
  return hasRightCount(args, parameters) ? { flags, args } : undefined;
}

interface ReadFlag {
  readonly name: string;
  readonly value: unknown;
  readonly tookNext: boolean;
}

function readFlag(
  word: string,
  next: string | undefined,
  { flags = {}, aliases = {} }: PlainParameters,
  globalFlags: () => Readonly<Record<string, PlainFlag>>,
): ReadFlag | undefined {
  const [given = "", ...rest] = word.split("=");
  const name = given.startsWith("--")
    ? camelCase(given.slice(2))
    : given.length === 2
    ? aliases[given.slice(1)]
    : undefined;
  const flag = name === undefined
    ? undefined
    : ownEntry(flags, name) ?? ownEntry(globalFlags(), name);
  if (name === undefined || flag === undefined || flag.variadic) return undefined;
  const inline = rest.length > 0 ? rest.join("=") : undefined;
  if (flag.kind === "boolean") {
    // `--no-x` becomes `--x=false`; stricli reads other values.
    if (inline !== undefined && inline !== "false") return undefined;
    return { name, value: inline === undefined, tookNext: false };
  }
  const text = inline ?? next;
  if (!text || text.startsWith("-")) return undefined;
  const value = readValue(flag, text);
  return value === undefined ? undefined : { name, value, tookNext: inline === undefined };
}

/** An entry of a table by a typed name, but never a member of the prototype. */
export function ownEntry<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function readValue(flag: PlainFlag, text: string): unknown {
  if (flag.kind === "enum") return flag.values?.includes(text) ? text : undefined;
  if (flag.kind !== "parsed" || typeof flag.parse !== "function") return undefined;
  try {
    const value: unknown = flag.parse(text);
    return value instanceof Promise ? undefined : value;
  } catch {
    // Stricli reads it again, and reports the mistake.
    return undefined;
  }
}

/** Converts `pass-dir` to the flag `passDir`; stricli reads a name in any other spelling. */
function camelCase(name: string): string | undefined {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return undefined;
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function hasRightCount(
  args: readonly string[],
  { positional, flags = {} }: PlainParameters,
): boolean {
  if (Object.values(flags).some((flag) => !flag.optional)) return false;
  if (positional?.kind === "array") return true;
  const parameters = positional?.parameters ?? [];
  const needed = parameters.filter((parameter) => !parameter.optional).length;
  return args.length >= needed && args.length <= parameters.length;
}
