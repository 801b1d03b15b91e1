/**
 * Colours the first word of a line of talk on a terminal. The word carries the whole meaning without it.
 *
 * `NO_COLOR` (https://no-color.org) takes precedence over `CLICOLOR_FORCE` and `CLICOLOR`
 * (https://bixense.com/clicolors).
 */

import type { Host, Output } from "./host.ts";

/** SGR parameters (ECMA-48) by word. */
const COLOURS: Readonly<Record<string, string>> = {
  error: "1;31",
  warning: "1;33",
  note: "36",
  hint: "36",
  debug: "2",
};

const WORD = /^(?:error|warning|note|hint|debug)(?=: )/gm;

/** An output that colours the words if that is allowed, which the first text decides. */
export function withColour(output: Output, host: Pick<Host, "env" | "platform">): Output {
  let isOn: boolean | undefined;
  return {
    ...output,
    write(text) {
      isOn ??= mayColour(output, host);
      output.write(isOn ? text.replace(WORD, paint) : text);
    },
  };
}

function paint(word: string): string {
  return `\x1b[${COLOURS[word]}m${word}\x1b[0m`;
}

function mayColour(output: Output, { env, platform }: Pick<Host, "env" | "platform">): boolean {
  if (env.get("NO_COLOR")) return false;
  const forced = env.get("CLICOLOR_FORCE");
  if (forced && forced !== "0") return true;
  const term = env.get("TERM");
  if (!output.isTerminal() || term === "dumb" || env.get("CLICOLOR") === "0") return false;
  // An old Windows console shows the sequences as text; newer terminals set one of these variables.
  return platform.os !== "windows" || !!term || !!env.get("WT_SESSION");
}
