import { VaultError } from "../errors.ts";
import { hintsOfNear } from "../near_names.ts";
import { printDocument } from "../print.ts";
import { quote } from "../text.ts";
import type { CommandContext, GlobalFlags } from "./context.ts";

/** The flags of `completion`. */
export type CompletionFlags = GlobalFlags;

/** The completion scripts, by the shell's name. */
export interface CompletionScripts<Shell extends string> {
  readonly shells: readonly Shell[];
  render(shell: Shell): string;
}

/** Makes `completion SHELL`, which prints the completion script of a shell. */
export function printCompletion<Shell extends string>(
  { shells, render }: CompletionScripts<Shell>,
): (this: CommandContext, flags: CompletionFlags, shell: string) => void {
  return function (flags, name): void {
    const { host } = this.open(flags);
    const shell = shells.find((known) => known === name);
    if (shell === undefined) {
      throw new VaultError("bad-usage", `There is no completion for shell ${quote(name)}`, {
        hints: [
          ...hintsOfNear(name, shells),
          `Use one of: ${shells.join(", ")}`,
        ],
      });
    }
    printDocument(host.stdout, render(shell));
  };
}
