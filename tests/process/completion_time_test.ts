/** How long the TAB key takes in a real bash, zsh and fish, with 10,000 profiles and with none. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { NEEDS_TERMINAL, playTimed, type Step } from "./terminal_driver.ts";
import { needsShell, SHELLS, type TestShell } from "./shells.ts";
import { launcher } from "./launch.ts";

/** What a person may wait longer, in milliseconds. */
const MOST_MORE_MS = 100;
/** Other programs take the processor from some: the quickest count, and a slow machine gets more of them. */
const [ROUNDS, BATCHES] = [5, 6];

const CONFIG = Array.from({ length: 10_000 }, (_, at) => {
  const name = at === 5_000 ? "reader" : `team-${at % 100}-role-${at}`;
  return `[profile ${name}]\nrole_arn = arn:aws:iam::111122223333:role/${name}\nregion = eu-west-1\n\n`;
}).join("");

for (const shell of SHELLS) {
  Deno.test({
    name: `${shell.name}: TAB takes less than ${MOST_MORE_MS} ms more with 10,000 profiles`,
    ignore: needsShell(shell).ignore || NEEDS_TERMINAL.ignore,
    async fn() {
      await using many = await openHome(shell, CONFIG);
      await using none = await openHome(shell, "");
      const quickest = { many: Infinity, none: Infinity };
      for (let batch = 0; batch < BATCHES; batch++) {
        const found = {
          many: await time(many, shell, "<reader>"),
          none: await time(none, shell, "<rea>"),
        };
        quickest.many = Math.min(quickest.many, ...found.many);
        quickest.none = Math.min(quickest.none, ...found.none);
        if (quickest.many - quickest.none < MOST_MORE_MS) break;
      }
      const { many: own, none: base } = quickest;
      if (Deno.env.get("TIMES") === "1") console.log(shell.name, { many: own, none: base });
      assert(own - base < MOST_MORE_MS, `${own} ms, and ${base} ms with an empty config`);
    },
  });
}

async function openHome(shell: TestShell, config: string): Promise<Home> {
  const home = await Home.open();
  home.write(".aws/config", config);
  home.write("bin/aws-vault", launcher(), 0o755);
  home.write(shell.file, `${shell.prompt}\n${shell.completion}\n`);
  // Where it is not there, fish starts a program in the background, which makes it.
  home.write(".local/share/fish/generated_completions/none", "");
  return home;
}

/** From the key to the line that is printed of the completed words, in milliseconds, for each round. */
async function time(home: Home, shell: TestShell, word: string): Promise<number[]> {
  const keys = "aws-vault exec rea\t\x01printf '<%s>' \r";
  const rounds = Array.from({ length: ROUNDS }, (): Step[] => [
    { expect: "me> ", send: keys },
    { expect: `<aws-vault><exec>${word}`, send: "" },
  ]);
  const env = { ...home.env, PATH: `${home.path}/bin:/usr/bin:/bin`, TERM: "xterm" };
  const { times } = await playTimed({
    argv: shell.words,
    steps: [...rounds.flat(), { expect: "me> ", send: "exit\r" }],
    env,
  });
  return rounds.map((_, at) => times[2 * at + 1]! - times[2 * at]!);
}
