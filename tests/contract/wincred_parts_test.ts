import assert from "node:assert/strict";
import { requireCompiler } from "../fakes/compile_c.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { runTogether } from "./processes.ts";
import { openIn, WincredStandIn } from "./wincred_stand_in.ts";

// A library for each test, which cannot be unloaded.
const options = { ...requireCompiler(), sanitizeResources: false };
const test = (name: string, fn: (standIn: WincredStandIn) => Promise<void>) =>
  Deno.test(`wincred parts: ${name}`, options, async () => {
    await using standIn = await WincredStandIn.make();
    await fn(standIn);
  });

const of = (byte: number) => new Uint8Array(6_000).fill(byte);
const item = (data: Uint8Array) => ({ data, label: "aws-vault (work)" });
const partCount = (standIn: WincredStandIn) =>
  standIn.credentials().filter(({ targetName }) => targetName.includes("-part:")).length;
/** An hour from now, when whoever was killed is not coming back. */
const later = () => new ManualClock({ start: Temporal.Now.instant().add({ hours: 1 }).toString() });

test("large data are one key, and leave nothing behind", async (standIn) => {
  const keyring = openIn(standIn.folder);
  await keyring.set("work", item(of(1)));
  assert.deepEqual(await keyring.keys(), ["work"]);
  assert.ok(standIn.credentials().every(({ blob }) => blob.length <= 2_560));
  assert.equal(partCount(standIn), 3);
  await keyring.set("work", item(of(2)));
  assert.deepEqual(await keyring.get("work"), of(2));
  assert.equal(partCount(standIn), 3);
  await keyring.set("work", item(new Uint8Array(3)));
  assert.equal(partCount(standIn), 0);
  await keyring.set("work", item(of(3)));
  await keyring.remove("work");
  assert.deepEqual(standIn.credentials(), []);
});

test("the parts of other keys are left alone", async (standIn) => {
  const keyring = openIn(standIn.folder, later());
  await keyring.set("Work", item(of(1)));
  await keyring.set("work", item(of(2)));
  await keyring.set("other", item(of(3)));
  await keyring.remove("work");
  assert.deepEqual(await keyring.get("Work"), of(1));
  assert.deepEqual(await keyring.get("other"), of(3));
  assert.equal(partCount(standIn), 6);
});

test("a missing part is a damaged item, not an absent one", async (standIn) => {
  const keyring = openIn(standIn.folder);
  await keyring.set("work", item(of(1)));
  const path = `${standIn.folder}/credentials`;
  const lines = Deno.readTextFileSync(path).split("\n");
  Deno.writeTextFileSync(path, lines.toSpliced(1, 1).join("\n"));
  await assert.rejects(() => keyring.get("work"), {
    code: "damaged-item",
    message: 'Cannot read "work": its Windows credential is damaged: parts of it are missing',
  });
  assert.deepEqual(await keyring.keys(), ["work"]);
});

test("data that look like a header come back as they went in", async (standIn) => {
  const keyring = openIn(standIn.folder);
  const data = new TextEncoder().encode("\0aws-vault parts 1\n{}");
  await keyring.set("work", item(data));
  assert.deepEqual(await keyring.get("work"), data);
  standIn.plant("aws-vault:aws-vault:odd", data);
  await assert.rejects(() => keyring.get("odd"), { code: "damaged-item" });
});

test("a kill at any write or removal leaves the old data or the new", async (standIn) => {
  const keyring = openIn(standIn.folder, later());
  const steps: string[] = [];
  for (const [what, next] of [["set", of(2)], ["remove", undefined]] as const) {
    for (let dieAt = 1;; dieAt++) {
      await keyring.set("work", item(of(1)));
      standIn.control("die-at", String(dieAt));
      const end = await run(standIn, what);
      Deno.removeSync(`${standIn.folder}/die-at`);
      const found = await keyring.get("work");
      const allowed = end === "exit 0" ? [next] : [of(1), next];
      assert.ok(allowed.some((data) => isSame(data, found)), `${what} ${dieAt}: ${end}`);
      assert.deepEqual(await keyring.keys(), found === undefined ? [] : ["work"]);
      steps.push(`${what} ${end}`);
      if (end === "exit 0") break;
    }
  }
  const killed = (what: string) => steps.filter((step) => step === `${what} SIGKILL`).length;
  // Three parts, the header, three old parts; the header and three parts.
  assert.deepEqual([killed("set"), killed("remove")], [7, 4]);
  // What the killed ones left goes with the next write, when it is old enough.
  await keyring.set("work", item(of(1)));
  assert.equal(partCount(standIn), 3);
  await keyring.remove("work");
  standIn.control("die-at", "3");
  assert.equal(await run(standIn, "set"), "SIGKILL");
  Deno.removeSync(`${standIn.folder}/die-at`);
  assert.equal(partCount(standIn), 2);
  assert.equal(await keyring.remove("work"), false);
  assert.deepEqual(standIn.credentials(), []);
});

test("a write at the same time as others' leaves one of them whole", async (standIn) => {
  const script = new URL("wincred_process.ts", import.meta.url).href;
  const args = [1, 2, 3].map((byte) => [standIn.folder, "set", String(byte)]);
  assert.deepEqual(await runTogether(script, args), ["exit 0", "exit 0", "exit 0"]);
  const found = await openIn(standIn.folder).get("work");
  assert.ok([1, 2, 3].some((byte) => isSame(of(byte), found)));
});

test("a reader finds whole data while a writer replaces them", async (standIn) => {
  const reader = openIn(standIn.folder);
  // Replaced between the reader's call for the header and its calls for the parts.
  const writer = openIn(standIn.folder);
  await writer.set("work", item(of(1)));
  const reads: Promise<Uint8Array | undefined>[] = [];
  for (let byte = 2; byte < 6; byte++) {
    reads.push(reader.get("work"));
    await writer.set("work", item(of(byte)));
  }
  for (const data of await Promise.all(reads)) {
    assert.ok([1, 2, 3, 4, 5].some((byte) => isSame(of(byte), data)));
  }
});

async function run(standIn: WincredStandIn, what: string): Promise<string> {
  const script = new URL("wincred_process.ts", import.meta.url).href;
  const [end] = await runTogether(script, [[standIn.folder, what, "2"]]);
  return end!;
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a?.toHex() === b?.toHex();
}
