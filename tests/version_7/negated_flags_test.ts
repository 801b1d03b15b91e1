/**
 * `--no-X` of every flag without a value, as aws-vault 7 reads it: the flag before it counts no more, by its
 * name and by its letter. Read from the program's own table of commands.
 */

import assert from "node:assert/strict";
import { BACKENDS } from "../../backends/mod.ts";
import { describeCommands, type ManualCommand } from "../../src/cli/manual_commands.ts";
import { Home } from "../home.ts";

/** What comes after the flags, where it is not the name of a profile that there is not. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  "change-passphrase": ["--new-passphrase-command", "true"],
  completion: ["bash"],
  import: ["--from", "nowhere"],
  "migrate-backend": ["--from", "file", "--to", "file", "--profile", "nowhere"],
  proxy: ["--port", "70000"],
  "shell-hook": ["bash"],
  "sso export": ["--account", "111122223333", "--role", "admin", "nowhere"],
  "shell-use": ["bash", "nowhere"],
};

const commands = describeCommands(BACKENDS);

function wordsOf({ name, arguments: taken }: ManualCommand): readonly string[] {
  return WORDS[name] ?? (taken.length > 0 ? ["nowhere"] : []);
}

for (const command of commands) {
  const flags = command.flags.filter(({ placeholder }) => placeholder === undefined);
  // `lock` would close what is unlocked for the tests beside this one.
  if (flags.every(({ isGlobal }) => isGlobal)) continue;
  Deno.test(`${command.name} takes back each of its flags`, async () => {
    await using home = await Home.open();
    const run = async (...given: string[]) => {
      const words = [...command.name.split(" "), ...given, ...wordsOf(command)];
      const { code, stdout, stderr } = await home.run(...words);
      return { code, stdout, stderr };
    };
    const without = await run();
    assert.doesNotMatch(without.stderr, /There is no (flag|command)|is missing/);
    for (const { name, short } of flags) {
      const negated = `--no-${name.slice("--".length)}`;
      // A flag of its own, which asks for the opposite: both together are a mistake.
      if (flags.some((other) => other.name === negated)) continue;
      for (const given of [[], [name], ...short === undefined ? [] : [[short]]]) {
        assert.deepEqual(await run(...given, negated), without, [...given, negated].join(" "));
      }
    }
  });
}
