/** What is pasted for `add` answers the questions that it was meant for, and is nothing to the shell. */

import assert from "node:assert/strict";
import { Home, keyVariables } from "../home.ts";
import { programWords } from "./launch.ts";
import { NEEDS_TERMINAL, play, type Step } from "./terminal_driver.ts";

const ID_QUESTION = "Enter Access Key ID: ";
const SECRET_QUESTION = "Enter Secret Access Key: ";
const MFA_QUESTION = "Enter MFA Device ARN (If MFA is not enabled, leave this blank): ";
const REGION_QUESTION = 'Enter Region (leave this blank for us-east-1, "none" for none): ';

/** More than the program takes at once, so that some is left at the terminal. */
const muchOf = (line: string) => `${line}\r`.repeat(40);

/** A home, its key, and `add` as a shell's command: the shell shows what it reads afterwards. */
async function open() {
  const home = await Home.open();
  const key = keyVariables(home.aws, "work");
  const [id, secret] = [key["AWS_ACCESS_KEY_ID"]!, key["AWS_SECRET_ACCESS_KEY"]!];
  const variables = Object.entries(home.env).map(([name, value]) => `${name}=${value}`);
  const shell = `"$@"; echo "EXIT $?"; printf 'shell> '; read -r line; echo "READ $line"`;
  const environment = ["env", ...variables];
  const command = (...flags: string[]) => [...programWords(), "add", ...flags, "work"];
  const add = async (steps: readonly Step[], ...flags: string[]) => {
    const all = [...steps, { expect: "shell> ", send: "next\r" }];
    const outcome = await play({
      argv: [...environment, "sh", "-c", shell, "sh", ...command(...flags)],
      steps: all,
    });
    assert(!outcome.terminal.includes(secret), outcome.terminal);
    assert(outcome.terminal.endsWith("READ next\r\n"), outcome.terminal);
    return outcome.terminal.replace(/^note: The key goes to .*\r\n/m, "").replaceAll(id, "<ID>");
  };
  const alone = (...flags: string[]) => [...environment, ...command(...flags)];
  return { home, id, secret, alone, add, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

Deno.test("a paste with CR LF answers one question a line", NEEDS_TERMINAL, async () => {
  await using scene = await open();
  const { id, secret } = scene;
  const arn = "arn:aws:iam::111122223333:mfa/work";
  const terminal = await scene.add([
    { expect: ID_QUESTION, send: `\r\n${id}\r\n${secret}\r\n${arn}\r\neu-west-1\r\n` },
  ]);
  assert.equal(
    terminal,
    `${ID_QUESTION}\r\n${ID_QUESTION}<ID>\r\n${SECRET_QUESTION}\r\n` +
      'Key <ID> belongs to user "work" of account 111122223333\r\n' +
      `Added credentials to profile "work" in vault\r\n${MFA_QUESTION}${arn}\r\n` +
      `${REGION_QUESTION}eu-west-1\r\n` +
      "EXIT 0\r\nshell> next\r\nREAD next\r\n",
  );
});

Deno.test("a secret behind a wrong answer goes nowhere", NEEDS_TERMINAL, async () => {
  await using scene = await open();
  const { id, secret } = scene;
  const wrong = `"${id}"\r${muchOf(secret)}`;
  const terminal = await scene.add([
    { expect: ID_QUESTION, send: wrong },
    { expect: ID_QUESTION, send: wrong },
    { expect: ID_QUESTION, send: wrong },
  ]);
  const form = "An access key ID has only letters and digits, and usually begins with AKIA";
  assert.equal(
    terminal,
    `${ID_QUESTION}"<ID>"\r\n${form}\r\n`.repeat(3) +
      `error: Cannot use what was typed\r\nhint: ${form}\r\n` +
      "EXIT 2\r\nshell> next\r\nREAD next\r\n",
  );
});

Deno.test("a secret behind one that AWS refuses is not shown", NEEDS_TERMINAL, async () => {
  await using scene = await open();
  const { id, secret } = scene;
  const question = /Store it anyway\? \(y\|N[^)]*\) /;
  const terminal = await scene.add([
    { expect: ID_QUESTION, send: `${id}\r${"A".repeat(40)}\r${muchOf(secret)}` },
    { expect: "Store it anyway? (y|N", send: "n\r" },
  ]);
  assert.match(terminal, question);
  assert.equal(
    terminal.split(question)[1],
    "n\r\nerror: Key <ID> was not stored\r\nEXIT 1\r\nshell> next\r\nREAD next\r\n",
  );
});

Deno.test(
  "the token of pasted temporary credentials is neither shown nor an answer",
  NEEDS_TERMINAL,
  async () => {
    await using scene = await open();
    const id = `ASIA${scene.id.slice(4)}`;
    const terminal = await scene.add([
      { expect: ID_QUESTION, send: `${id}\r${scene.secret}\ryes-token\r` },
      { expect: "Store it anyway? (y|N", send: "n\r" },
    ]);
    assert(!terminal.includes("yes-token"), terminal);
    assert(terminal.endsWith("EXIT 1\r\nshell> next\r\nREAD next\r\n"), terminal);
  },
);

Deno.test(
  "what is pasted at a question that ends the command is nothing to the shell",
  NEEDS_TERMINAL,
  async () => {
    await using scene = await open();
    const { id, secret, home } = scene;
    await home.as("work").succeed("add", "--env", "work");
    const question = 'A key is already stored for profile "work". Replace it? (y|N) ';
    const kept = 'error: The key of profile "work" was kept\r\nEXIT 1\r\n';
    const cases = [
      [`${id}\r${muchOf(secret)}`, `${question}<ID>\r\n${kept}`],
      [`\u0003${muchOf(secret)}`, `${question}\r\nerror: Interrupted\r\nEXIT 130\r\n`],
    ] as const;
    for (const [send, shown] of cases) {
      assert.equal(
        await scene.add([{ expect: question, send }]),
        `${shown}shell> next\r\nREAD next\r\n`,
      );
    }
  },
);

Deno.test(
  "the two answers that aws-vault 7 asks for are enough, also where the terminal hangs up then",
  NEEDS_TERMINAL,
  async () => {
    await using scene = await open();
    const { id, secret, home } = scene;
    const outcome = await play({
      argv: scene.alone("--no-verify"),
      steps: [
        { expect: ID_QUESTION, send: `${id}\r` },
        { expect: SECRET_QUESTION, send: `${secret}\r` },
        { expect: MFA_QUESTION, signal: "SIGHUP" },
      ],
    });
    assert.equal(outcome.code, -1);
    assert.equal((await home.run("list", "--credentials")).stdout, "work\n");
    assert.equal(Deno.readTextFileSync(`${home.path}/.aws/config`), "[profile work]\n");
  },
);
