import { renderLines } from "../print.ts";
import { endBy, listen } from "./signals.ts";

/** Makes Ctrl-C print the lines before it ends the process, until the returned function is called. */
export function explainInterrupt(lines: readonly string[]): () => void {
  const stop = listen([["SIGINT", () => {
    Deno.stderr.writeSync(new TextEncoder().encode(`\n${renderLines(lines)}`));
    stop();
    endBy("SIGINT");
  }]]);
  return stop;
}
