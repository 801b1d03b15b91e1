import { VaultError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";

/** No terminal: for an invocation beside a command that has the real terminal to itself. */
export function absentTerminal(): Terminal {
  return {
    isAvailable: () => Promise.resolve(false),
    write: () => Promise.resolve(),
    ask: () => Promise.reject(new VaultError("needs-person", "There is no terminal to ask on")),
    dropTyped: () => Promise.resolve(),
  };
}
