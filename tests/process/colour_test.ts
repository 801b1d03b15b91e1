/** Colour at a real terminal and in a pipe, as variables of the environment say. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { programWords } from "./launch.ts";
import { NEEDS_TERMINAL, play } from "./terminal_driver.ts";

const PLAIN = 'error: Cannot find profile "nobody"';
const COLOURED = '\x1b[1;31merror\x1b[0m: Cannot find profile "nobody"';

Deno.test({
  ...NEEDS_TERMINAL,
  name:
    "errors are coloured at a terminal alone, unless NO_COLOR, CLICOLOR_FORCE or TERM=dumb say otherwise",
  async fn() {
    await using home = await Home.open();
    home.write(".aws/config", "[profile work]\n");
    const cases = [
      [{ NO_COLOR: "" }, false, true],
      [{ NO_COLOR: "1" }, false, false],
      [{ NO_COLOR: "", TERM: "dumb" }, false, false],
      [{ NO_COLOR: "" }, true, false],
      [{ NO_COLOR: "", CLICOLOR_FORCE: "1" }, true, true],
      [{ NO_COLOR: "1", CLICOLOR_FORCE: "1" }, true, false],
    ] as const;
    for (const [variables, pipes, isColoured] of cases) {
      const argv = [...programWords(), "explain", "nobody"];
      const { terminal, stderr } = await play({ argv, pipes, env: { ...home.env, ...variables } });
      const what = JSON.stringify([variables, pipes]);
      assert(`${terminal}${stderr}`.includes(isColoured ? COLOURED : PLAIN), `${what} ${terminal}`);
    }
  },
});

Deno.test("doctor colours its findings where that is forced, and its JSON never", async () => {
  await using home = await Home.open();
  home.write(".aws/config", "[profile work]\nregoin = eu-west-1\n");
  home.env["CLICOLOR_FORCE"] = "1";
  const { stdout } = await home.run("doctor", "--offline");
  const [line = ""] = stdout.split("\n").filter((line) => line.includes("regoin"));
  assert(line.startsWith("\x1b[1;33mwarning\x1b[0m: "), line);
  assert(!(await home.run("doctor", "--offline", "--json")).stdout.includes("\x1b"));
});
