/** A wrong number for `--passphrase-fd` names no file that this program has opened itself. */

import assert from "node:assert/strict";
import { Victim } from "../hostile/victim.ts";
import { launch, programWords } from "./launch.ts";

/** Runs `add` once for each number, with nothing open but the standard streams. */
const SCRIPT = `
  for n in {3..30}; do eval "exec $n<&-"; done
  for n in {3..30}; do
    "$@" add --env --no-add-config --backend=file --passphrase-fd $n work 2>&1
  done`;

Deno.test(
  "no file of its own becomes the passphrase of a new store",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    using victim = new Victim();
    const words = ["bash", "-c", SCRIPT, "bash", ...programWords()];
    const { stdout } = await launch([], victim.env, words).finished;
    const numbers = Array.from({ length: 28 }, (_, at) => at + 3);
    assert.equal(
      stdout,
      numbers.map((number) =>
        `error: Cannot take the passphrase from descriptor ${number}: it is not open for reading\n` +
        "hint: Open it in the same shell command, such as: 3< FILE\n"
      ).join(""),
    );
  },
);
