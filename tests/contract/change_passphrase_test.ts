import assert from "node:assert/strict";
import { openFileKeyring } from "../../backends/file/keyring.ts";
import { encodeItem } from "../../backends/item.ts";
import { sealFast } from "../fakes/file_store.ts";
import { fileDeps } from "./file_opener.ts";
import { runTogether } from "./processes.ts";

const SCRIPT = new URL("change_passphrase_process.ts", import.meta.url).pathname;
const ITEMS = { work: "x", "team/prod": "y" };

/** The items by key as this passphrase reads them; a failure stands as its code. */
async function read(folder: string, passphrase: string): Promise<Record<string, string>> {
  const keyring = openFileKeyring(fileDeps({ passphrase }), {
    folder,
    passphrase: {},
    mayPrompt: false,
  });
  const found: Record<string, string> = {};
  for (const key of (await keyring.keys()).sort().reverse()) {
    found[key] = await keyring.get(key)
      .then((data) => new TextDecoder().decode(data), (error) => error.code);
  }
  return found;
}

async function withStore(body: (folder: string) => Promise<void>): Promise<void> {
  const parent = await Deno.makeTempDir();
  const folder = `${parent}/keys`;
  await Deno.mkdir(folder);
  try {
    for (const [key, text] of Object.entries(ITEMS)) {
      const payload = encodeItem(key, { data: new TextEncoder().encode(text), label: "" });
      const path = `${folder}/${key.replace("/", "%2F")}`;
      await Deno.writeTextFile(path, await sealFast(payload, "old"));
    }
    await body(folder);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

Deno.test("a change of passphrase killed at any step leaves one passphrase for all items", async () => {
  const seen = new Set<string>();
  for (let step = 1;; step++) {
    assert.ok(step < 200, "it never goes through");
    const end = await attemptChange(step);
    seen.add(end.passphrase);
    if (end.how === "exit 0") {
      assert.deepEqual(end, { how: "exit 0", passphrase: "new" });
      // On Windows modes are not set: that is an effect less for each item.
      assert.ok(step > (Deno.build.os === "windows" ? 15 : 20), `only ${step} steps`);
      break;
    }
  }
  assert.deepEqual([...seen].sort(), ["new", "old"]);
});

/** Kills a change at a step, sees which passphrase holds, and that the next change goes through. */
async function attemptChange(step: number): Promise<{ how: string; passphrase: string }> {
  let passphrase = "";
  let how = "";
  await withStore(async (folder) => {
    [how] = await runTogether(SCRIPT, [[folder, "old", "new", `${step}`]]) as [string];
    const both = { old: await read(folder, "old"), new: await read(folder, "new") };
    passphrase = both.new.work === "x" ? "new" : "old";
    const other = passphrase === "new" ? both.old : both.new;
    assert.deepEqual(both[passphrase as "old" | "new"], ITEMS, `step ${step}`);
    assert.deepEqual(Object.values(other), ["wrong-passphrase", "wrong-passphrase"]);
    const keyring = openFileKeyring(fileDeps({ passphrase }), {
      folder,
      passphrase: {},
      mayPrompt: false,
    });
    // The next who writes tidies up what the killed one left.
    assert.equal(await keyring.remove("work"), true);
    assert.deepEqual(await read(folder, passphrase), { "team/prod": "y" });
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.deepEqual(names, ["team%2Fprod"], `step ${step}`);
  });
  return { how, passphrase };
}

Deno.test("two changes of passphrase at once end with one of the two", async () => {
  await withStore(async (folder) => {
    const ends = await runTogether(SCRIPT, [
      [folder, "old", "one", "0"],
      [folder, "old", "two", "0"],
    ]);
    const winner = ends[0] === "exit 0" ? "one" : "two";
    assert.deepEqual(ends.toSorted(), ["exit 0", "exit 1"]);
    assert.deepEqual(await read(folder, winner), ITEMS);
  });
});
