import "../../tests/fakes/few_rounds.ts";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { DATA_KEY_NAME } from "../../src/keyring.ts";
import { systemRandom } from "../../src/system/random.ts";
import { fileStoreHost, STORE } from "../../tests/fakes/file_store.ts";
import { KernelKeysInMemory } from "../../tests/fakes/kernel_keys_in_memory.ts";
import { changePassphrase } from "./change_passphrase.ts";
import { saltOf } from "./jwe.ts";
import { openFileKeyring } from "./keyring.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const item = (text: string) => ({ data: bytes(text), label: "", standsAlone: true });
const PREFIX = "aws-vault:next-key:600000:";
const NUMBERS = ["1", "2", "3", "4", "5", "6"];
const EACH = Object.fromEntries([...NUMBERS, "data-key"].map((name) => [name, 60]));

/** One login session, and the files of one computer. */
class Desk {
  readonly kernel: KernelKeysInMemory;
  files: Record<string, string> = {};
  /** Called when a process writes an item. */
  onWrite: (text: string) => void = () => {};

  constructor(permissions?: number) {
    this.kernel = new KernelKeysInMemory(permissions);
  }

  /** A process in which a person types these answers, or an environment has the passphrase. */
  process(answers: readonly string[], options: ProcessOptions = {}) {
    const { folder = STORE, unlockSeconds = 900, env = {} } = options;
    const host = fileStoreHost({ files: this.files, answers, env });
    const { files } = host;
    const writeWhole = files.writeWhole.bind(files);
    files.writeWhole = (path, content, mode) => {
      this.onWrite(String(content));
      writeWhole(path, content, mode);
    };
    // Random salts: each process in memory would draw the same.
    const deps = { ...host, random: systemRandom(), native: this.kernel.native };
    const settings = { folder, passphrase: {}, mayPrompt: true, unlockSeconds };
    const end = async <T>(act: () => Promise<T>): Promise<T> => {
      try {
        return await act();
      } finally {
        this.files = host.files.snapshot();
        host.terminal.assertUsedUp();
      }
    };
    return {
      get: (key: string) => end(() => openFileKeyring(deps, settings).get(key)),
      change: () => end(() => changePassphrase(deps, { ...settings, newPassphrase: {} })),
      /** One of the items that a command records its steps with. */
      record: (key: string) =>
        end(() => openFileKeyring(deps, settings).set(key, { ...item(key), standsAlone: false })),
      store: (...keys: string[]) =>
        end(async () => {
          const keyring = openFileKeyring(deps, settings);
          for (const key of keys) await keyring.set(key, item(key));
        }),
    };
  }

  /** As {@linkcode process}, in a process that can ask nobody. */
  get alone() {
    return this.process([]);
  }

  salts(folder = STORE): Record<string, string | undefined> {
    const entries = Object.entries(this.files).filter(([path]) => path.startsWith(`${folder}/`));
    return Object.fromEntries(
      entries.map(([path, text]) => [path.slice(folder.length + 1), saltOf(text)?.toHex()]),
    );
  }
}

interface ProcessOptions {
  readonly folder?: string;
  readonly unlockSeconds?: number;
  readonly env?: Record<string, string>;
}

const ASKED = { message: /^nobody answers/ };

/** A desk with a store of the passphrase `p` that has `old`; nothing is unlocked. */
async function openDesk(permissions?: number): Promise<Desk> {
  const desk = new Desk(permissions);
  await desk.process(["p", "p"]).store("old");
  desk.kernel.keys.clear();
  return desk;
}

Deno.test("a typed passphrase stores the next keys of its minute, each with its own salt", async () => {
  const desk = await openDesk();
  await desk.process(["p"]).store("first");
  assert.deepEqual(desk.kernel.lifetimes(PREFIX), EACH);
  for (const key of NUMBERS) await desk.alone.store(`more-${key}`);
  assert.deepEqual(desk.kernel.lifetimes(PREFIX), { "data-key": 60 });
  await assert.rejects(desk.alone.store("too-many"), ASKED);
  const salts = Object.values(desk.salts());
  assert.deepEqual([salts.length, new Set(salts).size], [8, 8]);
  desk.kernel.keys.clear();
  assert.deepEqual(await desk.process(["p"]).get("more-6"), bytes("more-6"));
});

Deno.test("who records the steps of a change is asked at the first, not when the keys run out", async () => {
  const desk = await openDesk();
  await desk.process(["p"]).store("first");
  await assert.rejects(desk.alone.record("step"), ASKED);
  assert.deepEqual(desk.kernel.lifetimes(PREFIX), EACH);
  await desk.process(["p"]).record("step");
});

Deno.test("a key for a next item opens nothing that is stored", async () => {
  const desk = await openDesk();
  await desk.process(["p"]).store("first");
  await assert.rejects(desk.alone.get("old"), ASKED);
  await desk.alone.store("second");
  await assert.rejects(desk.alone.get("old"), ASKED);
  assert.deepEqual(await desk.alone.get("second"), bytes("second"));
});

Deno.test("the data key's item is rewritten with one key, however often", async () => {
  const desk = await openDesk();
  await desk.process(["p"]).store("first", DATA_KEY_NAME);
  for (const _ of NUMBERS) await desk.alone.store(DATA_KEY_NAME);
  assert.deepEqual(desk.kernel.lifetimes(PREFIX), EACH);
  assert.deepEqual(await desk.alone.get(DATA_KEY_NAME), bytes(DATA_KEY_NAME));
  desk.kernel.keys.clear();
  assert.deepEqual(await desk.process(["p"]).get(DATA_KEY_NAME), bytes(DATA_KEY_NAME));
});

Deno.test("the data key is unlocked before another process can read its item", async () => {
  const desk = await openDesk();
  await desk.process(["p"]).store("first", DATA_KEY_NAME);
  const isUnlocked: boolean[] = [];
  desk.onWrite = (text) => {
    const description = `aws-vault:data-key:${createHash("sha256").update(text).digest("hex")}`;
    isUnlocked.push(desk.kernel.find(description) !== undefined);
  };
  await desk.alone.store(DATA_KEY_NAME);
  desk.kernel.keys.clear();
  await desk.process(["p"]).store(DATA_KEY_NAME);
  assert.deepEqual(isUnlocked, [true, true]);
});

Deno.test("the first passphrase of a store stores the next keys, too", async () => {
  const desk = new Desk();
  await desk.process(["p", "p"]).store("first");
  // What was stored first is replaced; the rest of the batch still serves.
  await desk.alone.store("first", "second");
  await desk.alone.store("third");
  assert.deepEqual(Object.keys(desk.salts()).sort(), ["first", "second", "third"]);
});

Deno.test("a wrong passphrase leaves no key, and is never sealed with", async () => {
  const desk = await openDesk();
  await assert.rejects(desk.process(["x", "y", "z"]).store("first"), { code: "wrong-passphrase" });
  assert.deepEqual(desk.kernel.lifetimes(PREFIX), {});
  await desk.process(["x", "p"]).store("first");
  await desk.alone.store("second");
  desk.kernel.keys.clear();
  assert.deepEqual(await desk.process(["p"]).get("second"), bytes("second"));
});

Deno.test("a passphrase that opened nothing because all is damaged leaves no key", async () => {
  const desk = await openDesk();
  for (const path of Object.keys(desk.files)) desk.files[path] = "eyJh.b.c.d.e";
  await desk.process(["mistyped"]).store("first");
  assert.deepEqual(desk.kernel.lifetimes(PREFIX), {});
});

Deno.test("a passphrase that is there is tried, and leaves no key", async () => {
  const desk = await openDesk();
  const env = { AWS_VAULT_FILE_PASSPHRASE: "p" };
  await desk.process([], { env }).store("first");
  assert.deepEqual(desk.kernel.lifetimes(PREFIX), {});
  await desk.process(["p"]).store("second");
  const wrong = { env: { AWS_VAULT_FILE_PASSPHRASE: "guess" } };
  await assert.rejects(desk.process([], wrong).store("third"), { code: "wrong-passphrase" });
});

Deno.test("a key for a next item does not outlive a change of the passphrase", async () => {
  const desk = await openDesk();
  await desk.process(["p"]).store("first");
  // Those of another session, where nobody ends them.
  const left = new Map([...desk.kernel.keys].map(([serial, key]) => [serial, { ...key }]));
  await desk.process(["p", "new", "new"]).change();
  assert.deepEqual(desk.kernel.lifetimes(PREFIX), {});
  for (const [serial, key] of left) desk.kernel.keys.set(serial, key);
  assert.deepEqual(desk.kernel.lifetimes(PREFIX), EACH);
  await assert.rejects(desk.alone.store("second"), ASKED);
  await desk.process(["new"]).store("second");
});

Deno.test("a key for a next item is not for another store", async () => {
  const desk = await openDesk();
  const folder = "/home/test/other";
  await desk.process(["q", "q"], { folder }).store("theirs");
  desk.kernel.keys.clear();
  await desk.process(["p"]).store("first");
  await assert.rejects(desk.process([], { folder }).store("more"), ASKED);
  await desk.alone.store("second");
});

Deno.test("no key is left where nothing stays unlocked, or others can join", async () => {
  const desk = await openDesk();
  await desk.process(["p"], { unlockSeconds: 0 }).store("first");
  assert.deepEqual(desk.kernel.lifetimes(PREFIX), {});
  await desk.process(["p"], { unlockSeconds: 5 }).store("second");
  assert.equal(desk.kernel.lifetimes(PREFIX)["1"], 5);
  await assert.rejects(desk.process([], { unlockSeconds: 0 }).store("third"), ASKED);
  const joinable = await openDesk(0x3f130000);
  await joinable.process(["p"]).store("first");
  assert.deepEqual(joinable.kernel.lifetimes(PREFIX), {});
});

Deno.test("a key that somebody planted is not used", async () => {
  const desk = await openDesk();
  await desk.process(["p"]).store("first");
  const real = desk.kernel.keys.get(desk.kernel.find(`${PREFIX}1`)!)!;
  const planted: [string, Partial<typeof real>][] = [
    ["by another user", { owner: 1000 }],
    ["of no length that ours have", { bytes: real.bytes.slice(0, -1) }],
    ["without a batch", { bytes: real.bytes.slice(0, 32) }],
    ["with the salt of another item", {
      bytes: new Uint8Array([
        ...real.bytes.slice(0, 16),
        ...Uint8Array.fromHex(desk.salts()["old"]!),
        ...real.bytes.slice(32),
      ]),
    }],
  ];
  for (const [what, change] of planted) {
    for (const number of NUMBERS) {
      desk.kernel.put({ ...real, description: PREFIX + number, ...change });
    }
    await assert.rejects(desk.alone.store("second"), ASKED, what);
  }
});

Deno.test("no key is used where others can join, however good it is", async () => {
  const desk = await openDesk();
  await desk.process(["p"]).store("first", DATA_KEY_NAME);
  const joinable = new Desk(0x3f130000);
  joinable.files = desk.files;
  for (const key of desk.kernel.keys.values()) joinable.kernel.put(key);
  for (const key of ["second", DATA_KEY_NAME]) {
    await assert.rejects(joinable.alone.store(key), ASKED, key);
  }
  assert.deepEqual(joinable.files, desk.files);
});
