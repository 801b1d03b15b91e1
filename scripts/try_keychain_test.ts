import assert from "node:assert/strict";
import { type Trial, tryAll } from "./try_keychain.ts";
import { type Ended, type Mac, type Step, STEPS } from "./try_keychain_steps.ts";

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
  `security find-generic-password -s aws-vault -a aws-vault-try-keychain ${LOGIN}`,
  "security list-keychains",
];

function trial(mac: Mac, interruption = new AbortController().signal): Trial {
  return { mac, undoing: mac, interruption };
}

Deno.test("tryAll() goes through all steps of a good Mac, and undoes them", async () => {
  const { mac, ran } = goodMac();
  const said: string[] = [];
  assert.equal(await tryAll(trial(mac), STEPS, (line) => said.push(line)), 0);
  assert.equal(said.filter((line) => line === "  ok").length, STEPS.length);
  assert.deepEqual(ran.slice(-4), UNDONE);
  assert.equal(said.at(-1), "\n9 ok, 0 failed. Undone; docs/macos.md has the rest.");
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
    assert.equal(
      await tryAll(trial(goodMac(changes).mac), STEPS, (line) => said.push(line)),
      1,
      what,
    );
    assert.ok(said.some((line) => line.startsWith("  FAILED: ")), what);
  }
  const { mac, ran } = goodMac();
  const breaks = { name: "breaks", run: () => Promise.reject(new Error("it broke")) };
  const said: string[] = [];
  assert.equal(await tryAll(trial(mac), [breaks], (line) => said.push(line)), 1);
  assert.deepEqual(said[1], "  FAILED: Error: it broke");
  assert.deepEqual(ran, UNDONE);
});

Deno.test("tryAll() undoes what was done when the person interrupts, and goes no further", async () => {
  const interruption = new AbortController();
  const { mac, ran } = goodMac();
  const waits: Step = {
    name: "waits for a dialog",
    run: () => {
      interruption.abort();
      return Promise.reject(new Error("interrupted"));
    },
  };
  const said: string[] = [];
  const steps = [waits, ...STEPS];
  assert.equal(await tryAll(trial(mac, interruption.signal), steps, (it) => said.push(it)), 1);
  assert.deepEqual(ran, UNDONE);
  assert.deepEqual(said, [
    "\nwaits for a dialog",
    "\nInterrupted. Undone; docs/macos.md has the rest.",
  ]);
});

Deno.test("tryAll() names what it could not undo", async () => {
  const security = () => Promise.resolve({ ...END, stdout: `    "${KEYCHAIN}"\n` });
  const said: string[] = [];
  const { mac } = goodMac({ security });
  assert.equal(await tryAll(trial(mac), [], (line) => said.push(line)), 1);
  assert.deepEqual(said, [
    `\n0 ok, 0 failed. NOT UNDONE: "aws-vault-try-keychain" in ${LOGIN}, ` +
    `${KEYCHAIN} in the list of keychains; docs/macos.md has the rest.`,
  ]);
});

Deno.test("docs/macos.md has every step", () => {
  const text = Deno.readTextFileSync(new URL("../docs/macos.md", import.meta.url));
  const words = text.replace(/\s+/g, " ");
  for (const { name } of STEPS) assert.ok(words.includes(name), name);
});
