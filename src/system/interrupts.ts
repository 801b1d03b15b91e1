import { renderLines } from "../print.ts";
import { endBy, listen } from "./signals.ts";

/** Ctrl-C ends the process after the lines were printed, until the function that is given back is called. */
export function explainInterrupt(lines: readonly string[]): () => void {
  const stop = listen([["SIGINT", () => {
    Deno.stderr.writeSync(new TextEncoder().encode(`\n${renderLines(lines)}`));
    stop();
    endBy("SIGINT");
  }]]);
  return stop;
}
