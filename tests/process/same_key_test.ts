/** Two commands on one key at the same moment: what each says is what the keystore and AWS hold. */

import assert from "node:assert/strict";
import { requireService } from "../services.ts";
import { hasKernelKeys, KERNEL_KEYS_INSTALL } from "../services/kernel_keyring.ts";
import {
  type Command,
  type Finished,
  NOT_ON_WINDOWS,
  openSameKey,
  type SameKey,
} from "./same_key.ts";

interface Pair {
  readonly first: Command;
  readonly second: Command;
  /** The exit code of each, and a line that it says. */
  readonly says: readonly [readonly [number, RegExp], readonly [number, RegExp]];
  /** Whose key is stored in the end. */
  readonly stored: "work" | "other" | "nobody";
}

const ROTATED = [0, /^Rotated the key of profile "PROFILE"$/m] as const;
const ADDED = [0, /^Added credentials to profile "PROFILE" in vault$/m] as const;
const REMOVED = [0, /^Deleted credentials\.$/m] as const;
const IMPORTED = [0, /^1 (imported|replaced)$/m] as const;
const IS_REPLACED = /^note: The key of profile "PROFILE" was replaced in the meantime$/m;
const IS_REMOVED = /^note: The key of profile "PROFILE" was removed in the meantime$/m;
const NOT_ROTATED = [0, /^The key of profile "PROFILE" was replaced by another process/m] as const;

const PAIRS: readonly Pair[] = [
  { first: "rotate", second: "add", says: [ROTATED, [0, IS_REPLACED]], stored: "other" },
  { first: "add", second: "rotate", says: [ADDED, NOT_ROTATED], stored: "other" },
  { first: "rotate", second: "remove", says: [ROTATED, [0, IS_REPLACED]], stored: "nobody" },
  {
    first: "remove",
    second: "rotate",
    says: [REMOVED, [3, /^error: Cannot rotate "PROFILE": its key was removed in the meantime$/m]],
    stored: "nobody",
  },
  { first: "rotate", second: "import", says: [ROTATED, [0, IS_REPLACED]], stored: "other" },
  { first: "import", second: "rotate", says: [IMPORTED, NOT_ROTATED], stored: "other" },
  { first: "rotate", second: "rotate", says: [ROTATED, NOT_ROTATED], stored: "work" },
  { first: "add", second: "remove", says: [ADDED, [0, IS_REPLACED]], stored: "nobody" },
  { first: "remove", second: "add", says: [REMOVED, [0, IS_REMOVED]], stored: "other" },
  {
    first: "remove",
    second: "remove",
    says: [REMOVED, [3, /^error: Cannot remove "PROFILE": its key was removed in the meantime$/m]],
    stored: "nobody",
  },
  { first: "add", second: "import", says: [ADDED, [0, IS_REPLACED]], stored: "other" },
  { first: "import", second: "add", says: [IMPORTED, [0, IS_REPLACED]], stored: "other" },
];

for (const { first, second, says, stored } of PAIRS) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `${second} waits for ${first} on the same key, and says what it finds`,
    async fn() {
      await using scene = await openSameKey();
      const results = await scene.overlap(first, second);
      for (const at of [0, 1] as const) assertSaid(scene, results[at], ...says[at]);
      if (stored !== "work") scene.assertKnown(results[1].stderr, second);
      const key = stored === "nobody" ? undefined : scene.keysOf(stored)[0];
      await scene.assertSettled(key);
    },
  });
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a script's add goes on where a key was stored while it waited",
  async fn() {
    await using scene = await openSameKey();
    assert.equal((await scene.run("remove")).code, 0);
    const [first, goOn] = await scene.stopInside("import");
    const second = scene.start(["add", "--env", scene.profile]);
    await second.untilSaid("debug: Waiting for the lock ");
    goOn();
    assertSaid(scene, await first.finished, ...IMPORTED);
    const ended = await second.finished;
    assertSaid(scene, ended, 0, /^note: The key of profile "PROFILE" was stored in the meantime$/m);
    assertSaid(scene, ended, ...ADDED);
    await scene.assertSettled(scene.keysOf("other")[0]);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a rotation that failed is pending for the one that waited for it",
  async fn() {
    const users = [{ name: "work", deny: ["iam:DeleteAccessKey"] }, { name: "other" }];
    await using scene = await openSameKey({ users });
    const [old] = scene.keysOf("work");
    const [first, second] = await scene.overlap("rotate", "rotate");
    assert.equal(first.code, 5, first.stderr);
    assertSaid(scene, second, 1, /^error: A rotation of profile "PROFILE" is already pending$/m);
    const [made] = scene.keysOf("work");
    assert.deepEqual(await scene.stored(), { key: made, pending: [old, made] });
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a command that waits for a rotation says for whom, and no longer than --wait",
  async fn() {
    await using scene = await openSameKey();
    const [rotating, goOn] = await scene.stopInside("rotate");
    const holder = `another aws-vault \\(pid ${rotating.pid}, profile "PROFILE"\\)`;
    // At once, since the rotation waits no longer than 10 s for an answer of AWS.
    const waiting = (["add", "remove", "import", "change-passphrase"] as const).map((command) =>
      scene.run([...scene.words(command), "--wait", "1s"])
    );
    for (const ended of await Promise.all(waiting)) {
      assertSaid(scene, ended, 4, new RegExp(`: ${holder} did not`, "m"));
    }
    goOn();
    assertSaid(scene, await rotating.finished, ...ROTATED);
    await scene.assertSettled(scene.keysOf("work")[0]);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a change of the passphrase waits until no key of the store is changed",
  async fn() {
    for (const [first, stored] of [["rotate", "work"], ["add", "other"]] as const) {
      await using scene = await openSameKey();
      const results = await scene.overlap(first, "change-passphrase");
      assertSaid(scene, results[0], ...(first === "add" ? ADDED : ROTATED));
      assertSaid(scene, results[1], 0, /^Changed the passphrase of [12] items?$/m);
      await scene.assertSettled(scene.keysOf(stored)[0], "another passphrase");
    }
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a command that waited for a change of the passphrase stores nothing with the old one",
  async fn() {
    await using scene = await openSameKey();
    const results = await scene.overlap("change-passphrase", "add");
    assertSaid(scene, results[0], 0, /^Changed the passphrase of 1 item$/m);
    assertSaid(scene, results[1], 1, /^error: .*the passphrase is wrong$/m);
    await scene.assertSettled(scene.keysOf("work")[0], "another passphrase");
  },
});

Deno.test({
  name: "a key is not rotated while it moves to another keystore, nor moved while it is rotated",
  ...requireService("the kernel's keys", hasKernelKeys(), KERNEL_KEYS_INSTALL),
  async fn() {
    for (const [first, second] of [["rotate", "migrate"], ["migrate", "rotate"]] as const) {
      await using scene = await openSameKey();
      try {
        const results = await scene.overlap(first, second);
        const moved = results[first === "migrate" ? 0 : 1];
        assertSaid(scene, moved, 0, /^1 copied, 1 removed from file$/m);
        const rotated = results[first === "rotate" ? 0 : 1];
        if (first === "rotate") assertSaid(scene, rotated, ...ROTATED);
        else assertSaid(scene, rotated, 3, /^error: .*: its key was removed in the meantime$/m);
        await scene.assertSettled(undefined);
        const words = ["export", "--format=json", "-n", "--backend=keyctl", scene.profile];
        const { stdout, stderr } = await scene.run(words);
        assert.equal(JSON.parse(stdout || "{}").AccessKeyId, scene.keysOf("work")[0], stderr);
      } finally {
        await scene.run(["remove", "--force", "--backend=keyctl", scene.profile]);
      }
    }
  },
});

/** `PROFILE` stands for the profile's name, which differs in each test. */
function assertSaid(
  scene: SameKey,
  { code, stdout, stderr }: Finished,
  exit: number,
  line: RegExp,
): void {
  assert.equal(code, exit, stderr);
  assert.match(stdout + stderr, new RegExp(line.source.replaceAll("PROFILE", scene.profile), "m"));
}
