/** The shells that have a hook: a table of rows, each in a separate file. */

import { VaultError } from "../../errors.ts";
import { hintsOfNear } from "../../near_names.ts";
import { quote } from "../../text.ts";
import { bash } from "./bash.ts";
import { fish } from "./fish.ts";
import type { ShellHook } from "./hook.ts";
import { nushell } from "./nushell.ts";
import { powershell } from "./powershell.ts";
import { zsh } from "./zsh.ts";

/** In the order of the help. */
const SHELL_HOOKS: readonly ShellHook[] = [bash, zsh, fish, powershell, nushell];

/** The row of a shell. Throws `bad-usage` if there is none. */
export function requireShellHook(name: string): ShellHook {
  const found = SHELL_HOOKS.find((hook) => hook.name === name);
  if (found !== undefined) return found;
  const names = SHELL_HOOKS.map(({ name }) => name);
  throw new VaultError("bad-usage", `There is no hook for shell ${quote(name)}`, {
    hints: [...hintsOfNear(name, names), `Use one of: ${names.join(", ")}`],
  });
}
