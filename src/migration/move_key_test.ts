import assert from "node:assert/strict";
import { MemoryKeyring } from "../../tests/fakes/memory_keyring.ts";
import { seededRandom } from "../../tests/fakes/memory_host.ts";
import { pendingName } from "../credentials/key_names.ts";
import { encodeStoredKey } from "../credentials/long_term_key.ts";
import { hasCode } from "../errors.ts";
import type { Keyring, KeyringItem } from "../keyring.ts";
import { Secret } from "../secret.ts";
import { moveKey, type MoveOptions } from "./move_key.ts";
import { requireSeparateStores } from "./separate_stores.ts";

const COPY: MoveOptions = { overwrite: false, deleteSource: false };
const MOVE: MoveOptions = { overwrite: false, deleteSource: true };

function keyData(id: string, other: Record<string, unknown> = {}): Uint8Array<ArrayBuffer> {
  return encodeStoredKey({ accessKeyId: id, secretAccessKey: new Secret(`${id}-secret`) }, other);
}

const item = (data: Uint8Array): KeyringItem => ({ data, label: "aws-vault (work)" });

/** Two keyrings with what is given for `work`, and what happened to them in order. */
async function stores(source?: Uint8Array, target?: Uint8Array) {
  const log: string[] = [];
  const logged = (keyring: MemoryKeyring, name: string): MemoryKeyring => {
    const { set, remove } = keyring;
    keyring.set = (
      key,
      value,
    ) => (log.push(`set ${key} in ${name}`), set.call(keyring, key, value));
    keyring.remove = (key) => (log.push(`remove ${key} from ${name}`), remove.call(keyring, key));
    return keyring;
  };
  const [from, to] = [new MemoryKeyring(), new MemoryKeyring()];
  if (source) await from.set("work", item(source));
  if (target) await to.set("work", item(target));
  logged(from, "source");
  logged(to, "target");
  const forgetSessions = (changed: Keyring, profile: string) => {
    log.push(`forget ${profile} of ${changed === from ? "source" : "target"}`);
    return Promise.resolve();
  };
  return { from, to, log, deps: { from, to, forgetSessions } };
}

Deno.test("moveKey() copies, reads back, and removes the source only then", async () => {
  const { from, to, log, deps } = await stores(keyData("A"));
  assert.deepEqual(await moveKey(deps, "work", MOVE), { how: "copied", isSourceRemoved: true });
  assert.deepEqual(log, [
    "forget work of target",
    "set work in target",
    "forget work of target",
    "forget work of source",
    "remove work from source",
    "forget work of source",
  ]);
  assert.deepEqual(to.items.get("work"), item(keyData("A")));
  assert.equal(from.items.size, 0);
});

Deno.test("moveKey() leaves the source where it is not to be removed", async () => {
  const { from, to, deps } = await stores(keyData("A"));
  assert.deepEqual(await moveKey(deps, "work", COPY), { how: "copied", isSourceRemoved: false });
  assert.deepEqual(from.items, to.items);
});

Deno.test("moveKey() takes the same key in the target for done, however it is written", async () => {
  const spellings = [
    keyData("A"),
    new TextEncoder().encode('{"SecretAccessKey":"A-secret","AccessKeyID":"A"}'),
    keyData("A", { AccountID: "111122223333" }),
  ];
  for (const target of spellings) {
    const { from, log, deps } = await stores(keyData("A"), target);
    const moved = await moveKey(deps, "work", MOVE);
    assert.deepEqual(moved, { how: "already-there", isSourceRemoved: true });
    assert.equal(from.items.size, 0);
    assert.ok(!log.includes("set work in target"));
  }
});

Deno.test("moveKey() replaces another key only with overwrite", async () => {
  const others = [keyData("B"), new TextEncoder().encode("no key")];
  for (const other of others) {
    const { from, to, log, deps } = await stores(keyData("A"), other);
    await assert.rejects(
      moveKey(deps, "work", MOVE),
      (error) => hasCode(error, "conflict", "damaged-item"),
    );
    assert.deepEqual([log, to.items.get("work")?.data], [[], other]);
    const moved = await moveKey(deps, "work", { ...MOVE, overwrite: true });
    assert.deepEqual(moved, { how: "replaced", isSourceRemoved: true });
    assert.deepEqual([from.items.size, to.items.get("work")?.data], [0, keyData("A")]);
  }
});

Deno.test("moveKey() does not lose what only the source says of a key", async () => {
  const { from, deps } = await stores(keyData("A", { AccountID: "111122223333" }), keyData("A"));
  await assert.rejects(moveKey(deps, "work", MOVE), (error) => hasCode(error, "conflict"));
  assert.equal(from.items.size, 1);
});

Deno.test("moveKey() leaves a key alone that a rotation is pending for, in either store", async () => {
  for (const where of ["from", "to"] as const) {
    const { from, to, log, deps } = await stores(keyData("A"));
    await deps[where].set(pendingName("work"), item(new Uint8Array()));
    log.length = 0;
    await assert.rejects(moveKey(deps, "work", MOVE), {
      code: "conflict",
      message: 'A rotation of profile "work" is pending in memory',
      hints: ["Finish it first: aws-vault rotate --resume --backend=memory work"],
    });
    assert.deepEqual([log, from.items.has("work"), to.items.has("work")], [[], true, false]);
  }
});

Deno.test("moveKey() keeps the source where the target returns something else", async () => {
  const { from, to, deps } = await stores(keyData("A"));
  const { get } = to;
  to.get = async (key) => (await get.call(to, key))?.slice(1);
  await assert.rejects(moveKey(deps, "work", MOVE), { code: "keyring-failed" });
  assert.deepEqual(from.items.get("work")?.data, keyData("A"));
});

Deno.test("moveKey() keeps a key that another process stored in the meantime", async () => {
  const { from, to, deps } = await stores(keyData("A"));
  const { set } = to;
  to.set = async (key, value) => {
    await set.call(to, key, value);
    from.items.set("work", item(keyData("NEW")));
  };
  await assert.rejects(moveKey(deps, "work", MOVE), { code: "conflict" });
  assert.deepEqual(from.items.get("work")?.data, keyData("NEW"));
});

Deno.test("moveKey() refuses what is not a key, without quoting it", async () => {
  const { to, deps } = await stores(new TextEncoder().encode('{"password":"hunter2"}'));
  await assert.rejects(
    moveKey(deps, "work", MOVE),
    (error) => hasCode(error, "damaged-item") && !error.message.includes("hunter2"),
  );
  assert.equal(to.items.size, 0);
});

Deno.test("requireSeparateStores() finds one store behind two keyrings, and leaves nothing", async () => {
  const store = new MemoryKeyring();
  const place = (keyring: MemoryKeyring, location: string): Keyring =>
    new Proxy(keyring, {
      get: (target, name) => {
        if (name === "location") return location;
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  const [one, other] = [place(store, "a wallet"), place(store, "a collection")];
  await assert.rejects(requireSeparateStores(seededRandom(), one, other), { code: "conflict" });
  assert.equal(store.items.size, 0);
  const elsewhere = place(new MemoryKeyring(), "a folder");
  await requireSeparateStores(seededRandom(), one, elsewhere);
  assert.equal(store.items.size, 0);
});
