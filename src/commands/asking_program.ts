/** Who asks for credentials, as a person is shown it. */

import type { CallingProgram } from "../host.ts";

/** A program and what started it, up to the shell or agent that a person knows. */
export interface AskingProgram {
  /** `aws, started by bash`. */
  readonly text: string;
  /** Names it for a remembered yes: the programs by name, the last of them by its process. */
  readonly key: string;
}

const SHELLS: ReadonlySet<string> = new Set(
  ["sh", "bash", "dash", "ash", "zsh", "fish", "ksh", "mksh", "csh", "tcsh", "nu", "pwsh"],
);

/**
 * The program that asks, of those behind this one (its parent first); `undefined` where they are not known.
 *
 * The way ends at the leader of the session, which is a terminal's shell. Agents start a new session for each
 * command, so that for them it ends at the first leader that is not a shell, or the first program behind it.
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
