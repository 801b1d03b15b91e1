import assert from "node:assert/strict";
import type { Step } from "../process/terminal_driver.ts";
import { assertGives, NEEDS_WINE, SharedHome, shownBy } from "./wine.ts";

const ID = "AKIAIOSFODNN7EXAMPLE";
const KEY = { AWS_ACCESS_KEY_ID: ID, AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" };
const ADD = ["add", "--env", "work"];
const GET = ["export", "--no-session", "--format=env", "work"];

const unlock = (text: string): Step => ({ expect: "to unlock", send: `${text}\r` });
const first = (text: string): Step[] => [
  { expect: "Enter a new passphrase", send: `${text}\r` },
  { expect: "Enter it again", send: `${text}\r` },
];
const STOP: Step = { expect: "to unlock", send: "\u0003" };

Deno.test(
  "a store made under wine with letters outside ASCII opens on Linux, with these only",
  NEEDS_WINE,
  async () => {
    using home = new SharedHome();
    Object.assign(home.env, KEY);
    for (const passphrase of ["pässe", "пароль 日本 🔑 €"]) {
      home.store = passphrase.length.toString();
      assert.equal((await home.windows(ADD, first(passphrase))).code, 0);
      assertGives(await home.linux(GET, [unlock(passphrase)]), ID);
      assertGives(await home.windows(GET, [unlock(passphrase)]), ID);
    }
    home.store = "5";
    const refused = await home.windows(GET, [unlock("püsse"), STOP]);
    assert.deepEqual([refused.code, refused.restored], [130, true]);
    assert.match(shownBy(refused), /Wrong passphrase, try again/);
  },
);

Deno.test(
  "a store made on Linux with letters outside ASCII opens under wine",
  NEEDS_WINE,
  async () => {
    using home = new SharedHome();
    Object.assign(home.env, KEY);
    assert.equal((await home.linux(ADD, first("pässe"))).code, 0);
    assertGives(await home.windows(GET, [unlock("pässe")]), ID);
  },
);

Deno.test(
  "a store that was made with the old reading opens once under wine, and is sealed again",
  NEEDS_WINE,
  async () => {
    using home = new SharedHome();
    Object.assign(home.env, KEY, { AWS_VAULT_FILE_PASSPHRASE: "p\ufffdsse" });
    assert.equal((await home.linux(ADD)).code, 0);
    delete home.env["AWS_VAULT_FILE_PASSPHRASE"];
    const again: Step = { expect: "they are distinguished", send: "pässe\r" };
    const opened = await home.windows(GET, [unlock("pässe"), again]);
    assertGives(opened, ID);
    assertGives(await home.windows(GET, [unlock("pässe")]), ID);
    assertGives(await home.linux(GET, [unlock("pässe")]), ID);
  },
);

Deno.test(
  "prompts show text outside ASCII as it is, and edit what is typed",
  NEEDS_WINE,
  async () => {
    using home = new SharedHome();
    home.store = "Schlüssel für Łódź";
    Object.assign(home.env, KEY);
    const made = await home.windows(ADD, first("päxx\b\b\u0015p\bpässe"));
    assert.match(shownBy(made), /new passphrase for "Z:[^"]*\/Schlüssel für Łódź":/);
    // Wine shows what is typed before the first read, whatever the program has set.
    assert.doesNotMatch(shownBy(made).split("Enter it again")[1]!, /sse/);
    assertGives(await home.linux(GET, [unlock("pässe")]), ID);
  },
);

Deno.test(
  "a code is asked for at the console, and Ctrl-C ends the question",
  NEEDS_WINE,
  async () => {
    using home = new SharedHome();
    Object.assign(home.env, KEY, { AWS_VAULT_FILE_PASSPHRASE: "x" });
    Deno.writeTextFileSync(
      `${home.path}/config`,
      "[profile work]\r\nmfa_serial = arn:aws:iam::111122223333:mfa/größe\r\n",
    );
    assert.equal((await home.windows([...ADD, "--no-add-config"])).code, 0);
    const asked = await home.windows(["exec", "work", "--", "cmd"], [
      { expect: "mfa/größe", send: "123\u0003" },
    ]);
    assert.deepEqual([asked.code, asked.restored], [130, true]);
  },
);
