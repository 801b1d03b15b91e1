/**
 * What `avs` sets in the environment of a running shell, and how it is removed again.
 *
 * The variables are exported, so that a nested shell shows and renews the same credentials. None of them
 * holds a secret. `exec` does not pass them on: its child has other credentials (docs/formats.md,
 * "Shell hook").
 */

/** The variables of the shell hook, by content. */
export const SHELL_VARIABLES = {
  /** The access key ID that the other variables describe; they are void if another one is set. */
  key: "AVS_KEY",
  /** When the credentials end, in seconds since 1970; absent for a stored key. */
  until: "AVS_UNTIL",
  /** The arguments of `avs` that obtain them again, one per line; absent if they cannot be repeated. */
  words: "AVS_WORDS",
  /** The profile's name, safe to show in a prompt. */
  label: "AVS_LABEL",
  /** The earlier values of changed variables, as JSON: a text, or `null` for one to remove. */
  before: "AVS_BEFORE",
} as const;

const OWN: ReadonlySet<string> = new Set(Object.values(SHELL_VARIABLES));

/** Whether a variable belongs to the shell hook. */
export function isShellVariable(name: string): boolean {
  return OWN.has(name);
}

/** Variables with their values. */
export type Variables = Readonly<Record<string, string>>;

/** What changes in a shell. */
export interface ShellChange {
  readonly set: Variables;
  readonly unset: readonly string[];
}

/** The earlier values of variables: `null` for one that was not set. */
type Earlier = Readonly<Record<string, string | null>>;

/** An environment without what `avs` has set, according to its note of the earlier values. */
export function withoutShellUse(env: Variables): Record<string, string> {
  const earlier = parseEarlier(env[SHELL_VARIABLES.before]);
  const kept = Object.entries(env).filter(([name]) => !isShellVariable(name) && !(name in earlier));
  const restored = Object.entries(earlier).filter((pair): pair is [string, string] =>
    pair[1] !== null
  );
  return Object.fromEntries([...kept, ...restored]);
}

/**
 * Parses the note. It comes from the environment, which others can write: it restores only variables of AWS,
 * and an invalid note counts as none.
 */
function parseEarlier(text: string | undefined): Earlier {
  try {
    const found: unknown = JSON.parse(text ?? "{}");
    if (typeof found !== "object" || found === null) return {};
    const pairs = Object.entries(found).filter(([name, value]) =>
      NOTED.test(name) && (value === null || typeof value === "string")
    );
    return Object.assign(Object.create(null), Object.fromEntries(pairs));
  } catch {
    return {};
  }
}

const NOTED = /^(?:AWS|AMAZON)_[A-Z0-9_]+$/;

/**
 * The change from a shell's environment to another one, with the note of the earlier values.
 *
 * `base` is the shell's environment before any `avs` (`withoutShellUse`). No secret is noted, so none is
 * restored: `isForgotten` decides which variables' values are not kept.
 */
export function planShellUse(
  current: Variables,
  base: Variables,
  next: Variables,
  isForgotten: (name: string) => boolean,
): ShellChange {
  const touched = namesOf(base, next)
    .filter((name) => base[name] !== next[name] && !isShellVariable(name));
  const note: Record<string, string | null> = {};
  for (const name of touched) note[name] = isForgotten(name) ? null : base[name] ?? null;
  return planChange(current, { ...next, [SHELL_VARIABLES.before]: JSON.stringify(note) });
}

/** The change from one environment to another. */
export function planChange(current: Variables, next: Variables): ShellChange {
  const set = Object.entries(next).filter(([name, value]) => current[name] !== value);
  const unset = Object.keys(current).filter((name) => next[name] === undefined);
  return { set: Object.fromEntries(set), unset };
}

function namesOf(...all: readonly Variables[]): string[] {
  return [...new Set(all.flatMap((variables) => Object.keys(variables)))];
}
