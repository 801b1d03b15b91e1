import assert from "node:assert/strict";
import { type ManualClock, memoryHost } from "../../tests/fakes/memory_host.ts";
import { MemoryKeyring } from "../../tests/fakes/memory_keyring.ts";
import type { Backend } from "../backend.ts";
import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { openChosenKeyring } from "./chosen_keyring.ts";
import type { TalkingHost } from "../talk.ts";

const MEMORY = "/home/test/.awsvault/state/backend.json";
const PLACE = { kind: "text", flag: "--place", brief: "Where it is", namesPlace: true } as const;

/** A back end in memory, with the keys it has. */
interface FakeStore {
  readonly name: string;
  readonly keys: string[];
  location: string;
  /** Why it cannot be used. */
  missing?: string | undefined;
  /** It would have to ask a person. */
  isLocked?: boolean;
  hangs?: boolean;
}

/** A machine with these stores; each `run` is a process that chose one of them. */
function machine(...stores: FakeStore[]) {
  const host = memoryHost({ jumpsOverSleeps: false });
  const opened: string[] = [];
  const backends = stores.map((store): Backend => ({
    name: store.name,
    platforms: ["linux"],
    isAutomatic: true,
    options: { place: PLACE },
    probe: () => Promise.resolve(store.missing),
    open: async (_, { mayPrompt }) => {
      opened.push(`${store.name}${mayPrompt ? "" : " quietly"}`);
      return await open(store);
    },
  }));
  async function run(
    name: string,
    look: (keyring: Keyring) => Promise<void> = () => Promise.resolve(),
    isPlaceNamed = false,
  ): Promise<string[]> {
    host.talk.lines.length = 0;
    opened.length = 0;
    await outlasting(host.clock, act(name, look, isPlaceNamed));
    return [...host.talk.said];
  }
  async function act(
    name: string,
    look: (keyring: Keyring) => Promise<void>,
    isPlaceNamed: boolean,
  ): Promise<void> {
    const backend = backends.find((backend) => backend.name === name)!;
    const deps = {
      host: host as unknown as TalkingHost,
      backends,
      input: { flags: isPlaceNamed ? { place: "here" } : {}, mayPrompt: true },
    };
    const { keyring, explainWhereKeysAre } = await openChosenKeyring(deps, backend);
    await look(keyring).catch(explainWhereKeysAre);
  }
  return { run, host, opened };
}

/** Moves time on whenever nothing else is left to do than to wait. */
async function outlasting(clock: ManualClock, work: Promise<void>): Promise<void> {
  let isDone = false;
  const done = work.finally(() => isDone = true);
  while (!isDone) {
    await new Promise((resolve) => setTimeout(resolve));
    if (clock.sleeping > 0) clock.advance(60_000);
  }
  await done;
}

async function open(store: FakeStore): Promise<Keyring> {
  const keyring = new MemoryKeyring();
  for (const key of store.keys) await keyring.set(key, { data: new Uint8Array(), label: key });
  const keys = async () => {
    if (store.hangs) return await new Promise<string[]>(() => {});
    if (store.isLocked) throw new VaultError("keyring-locked", "locked");
    return await MemoryKeyring.prototype.keys.call(keyring);
  };
  return Object.assign(keyring, { backend: store.name, location: store.location, keys });
}

const wantsWork = async (keyring: Keyring): Promise<void> => {
  if (!await keyring.has("work")) throw new VaultError("no-credentials", "no key for work");
};

const desktop = (keys: string[] = []): FakeStore => ({
  name: "secret-service",
  keys,
  location: 'collection "awsvault"',
});
const folder = (keys: string[] = []): FakeStore => ({ name: "file", keys, location: "/keys" });

Deno.test("a choice is remembered, and the same choice says nothing and opens nothing else", async () => {
  const { run, host, opened } = machine(desktop(["work"]), folder());
  assert.deepEqual(await run("secret-service"), []);
  assert.deepEqual(JSON.parse(host.files.readText(MEMORY)!), {
    version: 1,
    now: { backend: "secret-service", location: 'collection "awsvault"' },
  });
  assert.equal(host.files.info(MEMORY)?.mode, 0o600);
  const before = host.files.effects.length;
  assert.deepEqual(await run("secret-service"), []);
  assert.deepEqual([opened, host.files.effects.length], [["secret-service"], before]);
});

Deno.test("a store that went away is named once, with the reason, and again by a command that misses a key", async () => {
  const bus = desktop(["work"]);
  const { run } = machine(bus, folder());
  await run("secret-service");
  bus.missing = "There is no session bus";
  assert.deepEqual(await run("file"), [
    "note: Keys are now looked up in file (/keys); before, in " +
    'secret-service (collection "awsvault"), which cannot be used now: there is no session bus',
    "hint: To choose the keystore yourself: --backend=file, or AWS_VAULT_BACKEND",
  ]);
  assert.deepEqual(await run("file"), []);
  assert.deepEqual(await run("file", wantsWork), [
    'hint: Before, keys were looked up in secret-service (collection "awsvault"): ' +
    "there is no session bus",
  ]);
});

Deno.test("a store that appeared takes precedence, and a hint says how to move the keys", async () => {
  const { run } = machine(desktop(), folder(["work", "oidc:token"]));
  await run("file");
  assert.deepEqual(await run("secret-service"), [
    'note: Keys are now looked up in secret-service (collection "awsvault"); ' +
    "before, in file (/keys)",
    "hint: To choose the keystore yourself: --backend=secret-service, or AWS_VAULT_BACKEND",
    "hint: To move them: aws-vault migrate-backend --from file --to secret-service",
  ]);
  assert.deepEqual(await run("secret-service", wantsWork), [
    'hint: There is a key for profile "work" in file: --backend=file',
  ]);
});

Deno.test("the first choice looks into other stores only where it has no keys itself", async () => {
  const { run, opened } = machine(desktop(), folder(["work"]));
  assert.deepEqual(await run("secret-service"), [
    'note: Keys are looked up in secret-service (collection "awsvault"), which has none; ' +
    "there is 1 key in file (/keys)",
    "hint: To use them: --backend=file, or AWS_VAULT_BACKEND=file",
    "hint: To move them: aws-vault migrate-backend --from file --to secret-service",
  ]);
  assert.deepEqual(opened, ["secret-service", "secret-service quietly", "file quietly"]);
  const other = machine(desktop(["work"]), folder(["work"]));
  assert.deepEqual(await other.run("secret-service"), []);
});

Deno.test("a store that would ask, hang or fail is not looked into, and holds nothing up", async () => {
  for (const trouble of [{ isLocked: true }, { hangs: true }, { missing: "not here" }]) {
    const { run } = machine(folder(), { ...desktop(["work"]), ...trouble });
    assert.deepEqual(await run("file"), []);
    assert.deepEqual(await run("file", wantsWork), []);
  }
});

Deno.test("another folder of the same back end is reported, but not one that a flag names", async () => {
  const store = folder();
  const { run } = machine(store);
  await run("file");
  store.location = "/other";
  assert.deepEqual(await run("file", undefined, true), []);
  assert.deepEqual(await run("file"), [
    "note: Keys are now looked up in file (/other); before, in file (/keys)",
  ]);
});

Deno.test("a state folder that cannot be used costs nothing but the memory", async () => {
  const { run, host, opened } = machine(desktop(), folder(["work"]));
  host.files.fail("write");
  host.files.fail("makeFolder");
  assert.deepEqual(await run("secret-service"), []);
  assert.deepEqual(opened, ["secret-service"]);
  host.files.heal();
  await run("file");
  host.files.fail("read", MEMORY);
  assert.deepEqual(await run("file"), []);
});

Deno.test("a memory that is nonsense is ignored, and its text is escaped", async () => {
  for (const text of ["", "{}", "[]", '{"version":2}', '{"version":1,"now":{"backend":7}}']) {
    const { run, host } = machine(folder(["work"]));
    host.files.writeWhole(MEMORY, text);
    assert.deepEqual(await run("file"), []);
  }
  const { run, host } = machine(folder());
  const now = { backend: "\u001b[2J", location: "\u0007" };
  host.files.writeWhole(MEMORY, JSON.stringify({ version: 1, now }));
  const [note = ""] = await run("file");
  assert.match(note, /before, in \\u001b\[2J \(\\u0007\), which cannot be used now/);
});
