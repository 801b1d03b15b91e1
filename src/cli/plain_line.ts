/**
 * Reads a command line that is plainly right, without stricli.
 *
 * Stricli's loading and checking of all commands costs a cached call a tenth of its time (measured),
 * and is worth it for what it does well: help, mistakes and what was meant. So a line of known flags
 * and names is read here, from the same tables; anything else gives `undefined` and goes to stricli,
 * which reads every such line in the same way.
 */

/** What a flag takes, as stricli's tables say it. */
export interface PlainFlag {
  readonly kind: string;
  readonly parse?: unknown;
  readonly values?: readonly string[];
  readonly optional?: boolean;
  readonly variadic?: unknown;
  /** Ours alone: an empty value is a mistake, and not a flag that is not given. */
  readonly limits?: boolean;
  /** What it means where no value comes after it (`arrangeArguments` puts it there). */
  readonly bare?: string;
}

/** What a command takes, as stricli's tables say it. */
export interface PlainParameters {
  readonly flags?: Readonly<Record<string, PlainFlag>>;
  readonly aliases?: Readonly<Record<string, string>>;
  readonly positional?:
    | { readonly kind: "tuple"; readonly parameters: readonly { readonly optional?: boolean }[] }
    | { readonly kind: "array" };
}

/** A line that was read: what stricli would hand to the command. */
export interface PlainLine {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
}

/** Reads the words behind the command, or gives `undefined` for whatever is not plain. */
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
    // `--x=false` is what a `--no-x` becomes; other words are stricli's.
    if (inline !== undefined && inline !== "false") return undefined;
    return { name, value: inline === undefined, tookNext: false };
  }
  const text = inline ?? next;
  if (!text || text.startsWith("-")) return undefined;
  const value = readValue(flag, text);
  return value === undefined ? undefined : { name, value, tookNext: inline === undefined };
}

/** An entry of a table by a name that somebody typed: nothing of the prototype. */
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
    // Stricli reads it again, and says what is wrong.
    return undefined;
  }
}

/** `pass-dir` is the flag `passDir`; a name in any other spelling is left to stricli. */
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
