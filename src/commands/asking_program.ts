/** The program that requests credentials, as it is shown to a person. */

import type { CallingProgram } from "../host.ts";

/** A program and its ancestors, up to the shell or agent that a person recognises. */
export interface AskingProgram {
  /** `aws, started by bash`. */
  readonly text: string;
  /** Identifies it for a remembered yes: the programs' names, and the process of the last one. */
  readonly key: string;
}

const SHELLS: ReadonlySet<string> = new Set(
  ["sh", "bash", "dash", "ash", "zsh", "fish", "ksh", "mksh", "csh", "tcsh", "nu", "pwsh"],
);

/**
 * The requesting program, from the ancestors of this process (its parent first); `undefined` if unknown.
 *
 * The search ends at the session leader, which is a terminal's shell. Agents start a new session for each
 * command: for them it ends at the first leader that is not a shell, or at the first program after it.
 */
export function askingProgram(
  callers: readonly CallingProgram[],
  { isAgent }: { readonly isAgent: boolean },
): AskingProgram | undefined {
  let end = callers.findIndex(({ leadsSession }) => leadsSession);
  while (isAgent && end >= 0 && end + 1 < callers.length && SHELLS.has(callers[end]!.name)) end++;
  const path = end < 0 ? callers : callers.slice(0, end + 1);
  const last = path.at(-1);
  if (last === undefined) return undefined;
  const names = path.map(({ name }) => name);
  return {
    text: names.filter((name, i) => name !== names[i - 1]).join(", started by "),
    key: JSON.stringify([names, last.pid, last.started]),
  };
}
