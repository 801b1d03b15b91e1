import assert from "node:assert/strict";
import { withColour } from "./colour.ts";
import type { Output } from "./host.ts";
import { memoryHost } from "../tests/fakes/memory_host.ts";

const TEXT = 'warning: Cannot find "error: x"\nhint: Name it\nerrors: 1\n';
const COLOURED = '\x1b[1;33mwarning\x1b[0m: Cannot find "error: x"\n' +
  "\x1b[36mhint\x1b[0m: Name it\nerrors: 1\n";

const CASES: readonly (readonly [
  variables: Readonly<Record<string, string>>,
  isTerminal: boolean,
  isColoured: boolean,
])[] = [
  [{}, true, true],
  [{}, false, false],
  [{ TERM: "xterm" }, true, true],
  [{ TERM: "dumb" }, true, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ CLICOLOR: "0" }, true, false],
  [{ CLICOLOR_FORCE: "1" }, false, true],
  [{ CLICOLOR_FORCE: "0" }, false, false],
  [{ CLICOLOR_FORCE: "1", TERM: "dumb" }, false, true],
  [{ CLICOLOR_FORCE: "1", NO_COLOR: "1" }, true, false],
];

Deno.test("withColour() colours the first words of lines where the variables and the terminal allow it", () => {
  for (const [variables, isTerminal, isColoured] of CASES) {
    let written = "";
    const output: Output = {
      write: (text) => void (written += text),
      isTerminal: () => isTerminal,
    };
    withColour(output, memoryHost({ env: variables })).write(TEXT);
    assert.equal(written, isColoured ? COLOURED : TEXT, JSON.stringify([variables, isTerminal]));
  }
});
