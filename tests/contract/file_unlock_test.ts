import assert from "node:assert/strict";
import { DATA_KEY_NAME } from "../../src/keyring.ts";
import { scriptWords } from "../process/launch.ts";
import { requireService, runs } from "../services.ts";
import { hasKernelKeys, KERNEL_KEYS_INSTALL } from "../services/kernel_keyring.ts";
import { programOutput } from "../services/program_output.ts";
import type { UnlockJob } from "./file_unlock_process.ts";

const available = hasKernelKeys() && runs("keyctl", "--version");
const kernel = requireService(
  "the kernel's keys",
  available,
  `${KERNEL_KEYS_INSTALL}; Debian: keyutils`,
);
const script = new URL("file_unlock_process.ts", import.meta.url).pathname;

type Job = Omit<UnlockJob, "folder" | "seconds"> & { readonly seconds?: number };
/** Processes one after the other, and what they saw; a text is a command of keyctl's, its output lost. */
type Session = readonly (Job | string)[];

/** Runs processes in a new login session over a store, and gives the outcomes of each. */
async function inSession(folder: string, jobs: Session): Promise<unknown[][]> {
  const commands = jobs.map((job) => {
    if (typeof job === "string") return `${job} >/dev/null`;
    const words = [...scriptWords(script), JSON.stringify({ folder, seconds: 900, ...job })];
    return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  });
  const said = await programOutput("keyctl", ["session", "-", "sh", "-ec", commands.join("\n")]);
  // keyctl itself says which session keyring it made.
  return said.split("\n").filter((line) => line.startsWith("[")).map((line) => JSON.parse(line));
}

function unlockTest(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test({
    name: `a file store's unlock ${name}`,
    ...kernel,
    fn: async () => {
      const parent = await Deno.makeTempDir();
      try {
        await body(`${parent}/keys`);
      } finally {
        await Deno.remove(parent, { recursive: true });
      }
    },
  });
}

const STORED: Job = {
  passphrase: "old",
  steps: [["set", "work", "w"], ["set", "home", "h"]],
};
const forget: Job = { steps: [["lock"]] };

unlockTest(
  "serves every later process of the session with the item that was used",
  async (folder) => {
    await inSession(folder, [STORED]);
    assert.deepEqual(
      await inSession(folder, [
        { steps: [["get", "work"]] },
        { answers: ["old"], steps: [["get", "work"]] },
        { steps: [["get", "work"], ["get", "home"]] },
      ]),
      [["needs-person"], ["w"], ["w", "needs-person"]],
    );
  },
);

unlockTest("ends with the session, with lock, and with its time", async (folder) => {
  await inSession(folder, [STORED]);
  const unlock: Job = { answers: ["old"], steps: [["get", "work"]] };
  const tryIt: Job = { steps: [["get", "work"], ["get", "home"]] };
  const locked = ["needs-person", "needs-person"];
  assert.deepEqual(
    await inSession(folder, [unlock, forget, tryIt, forget]),
    [["w"], [1], locked, [0]],
  );
  assert.deepEqual(await inSession(folder, [tryIt]), [locked]);
  assert.deepEqual(await inSession(folder, [{ ...unlock, seconds: 0 }, tryIt]), [["w"], locked]);
  const wait = "for key in $(keyctl rlist @s); do " +
    "while keyctl print $key 2>/dev/null; do :; done; done";
  const short = { ...unlock, seconds: 1 };
  assert.deepEqual(await inSession(folder, [short, wait, tryIt]), [["w"], locked]);
});

unlockTest("has an end that the kernel knows", async (folder) => {
  const job: Job = { passphrase: "old", steps: [["set", "work", "w"], ["get", "work"]] };
  // The fourth column is the time that is left, in whole minutes.
  const left = "grep -a aws-vault:kek: /proc/keys | tr -s ' ' | cut -d ' ' -f 4";
  await inSession(folder, [job, `case "$(${left})" in 14m | 15m) ;; *) exit 1 ;; esac`]);
});

unlockTest("does not say of what it is", async (folder) => {
  const look = `! keyctl show @s | grep -q -e work -e '${folder}'`;
  const job: Job = { passphrase: "old", steps: [["set", "work", "w"], ["get", "work"]] };
  await inSession(folder, [job, "keyctl show @s | grep -q aws-vault:kek:", look]);
});

unlockTest("serves what was written in it, too", async (folder) => {
  assert.deepEqual(
    await inSession(folder, [
      { answers: ["new", "new"], steps: [["set", "work", "w"]] },
      { steps: [["get", "work"]] },
    ]),
    [[null], ["w"]],
  );
});

unlockTest("leaves the process that made it its own keys", async (folder) => {
  await inSession(folder, [STORED]);
  const job: Job = { passphrase: "old", steps: [["get", "work"], ["set", "more", "m"]] };
  const again: Job = { passphrase: "old", steps: [["get", "work"], ["get", "work"]] };
  assert.deepEqual(await inSession(folder, [job, again]), [["w", null], ["w", "w"]]);
});

unlockTest("is not had by a wrong passphrase", async (folder) => {
  await inSession(folder, [STORED]);
  assert.deepEqual(
    await inSession(folder, [
      { passphrase: "wrong", steps: [["get", "work"]] },
      { answers: ["wrong", "old"], steps: [["get", "work"]] },
      forget,
    ]),
    [["wrong-passphrase"], ["w"], [1]],
  );
});

unlockTest("keeps the data key opened until it is rewritten or locked", async (folder) => {
  const get: Job = { steps: [["get", DATA_KEY_NAME]] };
  const given: Job = { ...get, passphrase: "old" };
  const set = (text: string): Job => ({
    passphrase: "old",
    steps: [["set", DATA_KEY_NAME, text]],
  });
  const isOpened = "keyctl show @s | grep -q aws-vault:data-key:";
  assert.deepEqual(
    await inSession(folder, [
      ...[set("one"), given, isOpened, get],
      ...[set("two"), get, given, get],
      ...[forget, `! ${isOpened}`, get],
    ]),
    [
      ...[[null], ["one"], ["one"]],
      ...[[null], ["needs-person"], ["two"], ["two"]],
      ...[[2], ["needs-person"]],
    ],
  );
});

unlockTest("does not make a wrong passphrase a right one", async (folder) => {
  await inSession(folder, [STORED]);
  assert.deepEqual(
    await inSession(folder, [
      { passphrase: "old", steps: [["get", "work"]] },
      { passphrase: "wrong", steps: [["get", "work"]] },
      { steps: [["get", "work"]] },
    ]),
    [["w"], ["wrong-passphrase"], ["w"]],
  );
});

unlockTest("is over once the item is rewritten or the passphrase changed", async (folder) => {
  await inSession(folder, [STORED]);
  assert.deepEqual(
    await inSession(folder, [
      { answers: ["old"], steps: [["get", "work"], ["get", "home"]] },
      { passphrase: "old", steps: [["set", "work", "rewritten"]] },
      { steps: [["get", "work"], ["get", "home"]] },
      { passphrase: "old", answers: ["new", "new"], steps: [["change"]] },
      { steps: [["get", "home"]] },
      { passphrase: "old", steps: [["get", "home"]] },
      { passphrase: "new", steps: [["get", "home"], ["get", "work"]] },
    ]),
    [
      ["w", "h"],
      [null],
      ["needs-person", "h"],
      [2],
      ["needs-person"],
      ["wrong-passphrase"],
      ["h", "rewritten"],
    ],
  );
});

unlockTest("that is not ours is passed over", async (folder) => {
  await inSession(folder, [STORED]);
  const spoil = "for key in $(keyctl rlist @s); do " +
    "name=$(keyctl rdescribe $key ';' | cut -d ';' -f 5); keyctl unlink $key @s; " +
    "printf 0123456789abcdef | keyctl padd user $name @s; done";
  assert.deepEqual(
    await inSession(folder, [
      { answers: ["old"], steps: [["get", "work"]] },
      spoil,
      { steps: [["get", "work"]] },
      { passphrase: "old", steps: [["get", "work"]] },
      { steps: [["get", "work"]] },
    ]),
    [["w"], ["needs-person"], ["w"], ["w"]],
  );
});

unlockTest("is done without where the session is revoked", async (folder) => {
  await inSession(folder, [STORED]);
  assert.deepEqual(
    await inSession(folder, ["keyctl revoke @s", { passphrase: "old", steps: [["get", "work"]] }, {
      steps: [["lock"]],
    }]),
    [["w"], [0]],
  );
});

unlockTest("serves the next items that are stored within the kernel's minute", async (folder) => {
  await inSession(folder, [STORED]);
  const typed = (seconds: number): Job => ({
    answers: ["old"],
    seconds,
    steps: [["set", "a", "a"]],
  });
  // The fourth column is the time that is left.
  const left = "grep -a aws-vault:next-key: /proc/keys | tr -s ' ' | cut -d ' ' -f 4 | sort -u";
  const isMinute =
    `for time in $(${left}); do case $time in 1m | [0-9]*s) ;; *) exit 1 ;; esac; done`;
  const wait = "for key in $(keyctl rlist @s); do " +
    "while keyctl print $key 2>/dev/null; do :; done; done";
  const next: Job = { steps: [["set", "b", "b"], ["get", "b"], ["get", "work"]] };
  const outcomes = [
    await inSession(folder, [typed(900), `test -n "$(${left})"`, isMinute, next]),
    await inSession(folder, [typed(1), wait, next]),
    await inSession(folder, [typed(900), forget, next]),
  ];
  const locked = ["needs-person", "needs-person", "needs-person"];
  assert.deepEqual(outcomes, [
    [[null], [null, "b", "needs-person"]],
    [[null], locked],
    [[null], [1], locked],
  ]);
});
