/** A profile is picked at a real terminal: what is on the screen, and what is left there. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { programWords } from "./launch.ts";
import { NEEDS_TERMINAL, play, type Step } from "./terminal_driver.ts";

const CONFIG = `[profile work]
region = us-east-1
[profile 日本語]
region = us-east-1
[profile admin]
source_profile = work
role_arn = arn:aws:iam::111122223333:role/a-role-with-a-long-name
`;

/** `explain` without a profile, at a terminal; a key is stored for `work`. */
async function pick(home: Home, steps: readonly Step[], env: Record<string, string> = {}) {
  home.write(".aws/config", CONFIG);
  const variables = Object.entries({ ...home.env, ...env }).map(([name, value]) =>
    `${name}=${value}`
  );
  return await play({ argv: ["env", ...variables, ...programWords(), "explain"], steps });
}

Deno.test(
  "the picker fits a terminal of 40 columns that was made narrower",
  NEEDS_TERMINAL,
  async () => {
    await using home = await Home.open();
    const outcome = await pick(home, [
      { expect: "of 3)", resize: [10, 40] },
      { expect: "a-role-with-a-…", send: "\u0003" },
    ]);
    const { terminal, ...rest } = outcome;
    assert.deepEqual(rest, { stdout: "", stderr: "", code: 130, restored: true });
    const screens = terminal.split("\u001b[J");
    // The longest line from before takes two rows of the narrower terminal.
    assert.equal(
      screens.at(-2)!.replace("\r\u001b[4A", "").replaceAll("\u001b[K", ""),
      [
        "Profile:  (3 of 3)",
        "> work",
        "  日本語",
        "  admin   111122223333  a-role-with-a-…",
      ].join("\r\n"),
    );
    // What was drawn is taken away before the error is printed.
    const line = "\u001b[K";
    assert.equal(
      screens.at(-1),
      `\r\u001b[3A${[line, line, line, line].join("\r\n")}\r\u001b[3Aerror: Interrupted\r\n`,
    );
  },
);

Deno.test("the picker gives what arrows, typing and Enter choose", NEEDS_TERMINAL, async () => {
  await using home = await Home.open();
  await home.as("work").succeed("add", "--env", "--no-add-config", "work");
  for (const keys of ["\u001b[B\u001b[B\r", "adm\r", "x\u007fa n\r"]) {
    const { terminal, code, restored } = await pick(home, [{ expect: "of 3)", send: keys }]);
    assert.deepEqual([code, restored], [0, true], keys);
    // deno-lint-ignore no-control-regex -- this is what takes the list away
    assert.match(terminal, /\x1b\[K\r(?:\x1b\[\dA)?Profile "admin" starts with/, keys);
  }
  const { code, terminal } = await pick(home, [{ expect: "of 3)", send: "\u001b" }]);
  assert.deepEqual([code, terminal.endsWith("error: No profile was picked\r\n")], [130, true]);
});

Deno.test(
  "AWS_VAULT_PICKER=fzf picks by that, and believes it only a profile",
  NEEDS_TERMINAL,
  async () => {
    await using home = await Home.open();
    await home.as("work").succeed("add", "--env", "--no-add-config", "work");
    const env = { AWS_VAULT_PICKER: "fzf", PATH: `${home.path}/bin:/usr/bin:/bin` };
    home.write("bin/fzf", "#!/bin/sh\ngrep '^admin$'\n", 0o700);
    const { terminal, code } = await pick(home, [], env);
    assert.deepEqual([code, terminal.includes('Profile "admin" starts')], [0, true], terminal);
    home.write("bin/fzf", "#!/bin/sh\necho other\n", 0o700);
    const other = await pick(home, [], env);
    assert.deepEqual([other.code, other.terminal], [130, "error: No profile was picked\r\n"]);
  },
);
