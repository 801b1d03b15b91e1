import type { Terminal } from "../terminal.ts";

/** The person's terminal; its code is loaded and the terminal opened on first use. */
export function systemTerminal(): Terminal {
  let loaded: Promise<Required<Terminal>> | undefined;
  const load = () => loaded ??= import("./tty_terminal.ts").then((module) => module.openTerminal());
  return {
    // If the code was never loaded, nothing was asked.
    dropTyped: async () => (await loaded)?.dropTyped(),
    isAvailable: async () => (await load()).isAvailable(),
    write: async (text) => (await load()).write(text),
    ask: async (question, options) => (await load()).ask(question, options),
    oldReading: async (line) => (await load()).oldReading(line),
    interact: async (dialog) => (await load()).interact(dialog),
  };
}
