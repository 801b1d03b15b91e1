import assert from "node:assert/strict";
import { tryAll } from "./try_keychain.ts";
import { type Ended, type Mac, STEPS } from "./try_keychain_steps.ts";

const END: Ended = { code: 0, stdout: "", stderr: "" };
const KEYCHAIN = "/tmp/x/try.keychain-db";
const LOGIN = "/Users/someone/Library/Keychains/login.keychain-db";

/** A Mac on which all is as it should be, except for what is changed; with all that was run on it. */
function goodMac(changes: Partial<Mac> = {}): { mac: Mac; ran: string[] } {
  const ran: string[] = [];
  let isLocked = false;
  const answer = (args: readonly string[]): Ended => {
    if (args.includes("list")) return { ...END, stdout: "aws-vault-try-keychain\n" };
    if (!args.includes("export")) return END;
    if (isLocked && args.includes("--no-prompt")) return { ...END, code: 4 };
    isLocked = false;
    const stderr = args.includes("--biometrics") ? "warning: --biometrics has no effect: …" : "";
    return { ...END, stdout: '{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE"}', stderr };
  };
  const mac: Mac = {
    keychain: KEYCHAIN,
    login: LOGIN,
    awsVault: (...args) => {
      ran.push(`aws-vault ${args.join(" ")}`);
      return Promise.resolve(answer(args));
    },
    security: (...args) => {
      ran.push(`security ${args.join(" ")}`);
      isLocked ||= args[0] === "lock-keychain";
      return Promise.resolve({ ...END, code: args[0] === "find-generic-password" ? 128 : 0 });
    },
    confirm: (question) => Promise.resolve(question === "Were you asked once?"),
    ...changes,
  };
  return { mac, ran };
}

const UNDONE = [
  `aws-vault --keychain ${LOGIN} remove --force aws-vault-try-keychain`,
  `security delete-keychain ${KEYCHAIN}`,
];

Deno.test("tryAll() goes through all steps of a good Mac, and undoes them", async () => {
  const { mac, ran } = goodMac();
  const said: string[] = [];
  assert.equal(await tryAll(mac, STEPS, (line) => said.push(line)), 0);
  assert.equal(said.filter((line) => line === "  ok").length, STEPS.length);
  assert.deepEqual(ran.slice(-2), UNDONE);
});

Deno.test("tryAll() finds each thing that is not as it should be, and undoes what was done", async () => {
  const refused = { ...END, code: 1, stderr: "error: no" };
  const bad: Readonly<Record<string, Partial<Mac>>> = {
    "a dialog comes up, or comes up twice": {
      confirm: (question) => Promise.resolve(question !== "Were you asked once?"),
    },
    "another program is given the key": { security: () => Promise.resolve(END) },
    "nothing works": { awsVault: () => Promise.resolve(refused) },
  };
  for (const [what, changes] of Object.entries(bad)) {
    const said: string[] = [];
    assert.equal(await tryAll(goodMac(changes).mac, STEPS, (line) => said.push(line)), 1, what);
    assert.ok(said.some((line) => line.startsWith("  FAILED: ")), what);
  }
  const { mac, ran } = goodMac();
  const breaks = { name: "breaks", run: () => Promise.reject(new Error("it broke")) };
  const said: string[] = [];
  assert.equal(await tryAll(mac, [breaks], (line) => said.push(line)), 1);
  assert.deepEqual(said[1], "  FAILED: Error: it broke");
  assert.deepEqual(ran, UNDONE);
});

Deno.test("docs/macos.md has every step", () => {
  const text = Deno.readTextFileSync(new URL("../docs/macos.md", import.meta.url));
  const words = text.replace(/\s+/g, " ");
  for (const { name } of STEPS) assert.ok(words.includes(name), name);
});
