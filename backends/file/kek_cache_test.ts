import assert from "node:assert/strict";
import type { KernelKeys } from "../../src/native.ts";
import { importKek } from "./jwe.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { kekCache } from "./kek_cache.ts";

const PRIVATE = 0x3f030000;
const JOINABLE_BY_NAME = 0x3f130000;

/** The kernel's keys, as far as they keep one key. */
function oneKey(kept: Map<string, Uint8Array>, permissions = PRIVATE): KernelKeys {
  const serial = 7;
  const keys: Partial<KernelKeys> = {
    specialKeyring: () => 1,
    describe: () => ({ type: "keyring", description: "_ses", permissions }),
    add(_keyring, description, bytes) {
      kept.set(description, bytes.slice());
    },
    search: (_keyring, description) => kept.has(description) ? serial : undefined,
    read: () => [...kept.values()][0]?.slice(),
  };
  return keys as KernelKeys;
}

function openCache(options: { kernel: KernelKeys; seconds?: number; evenShared?: boolean }) {
  const { kernel, seconds = 900, evenShared } = options;
  const clock = new ManualClock();
  return kekCache({ native: { kernelKeys: () => Promise.resolve(kernel) }, clock }, {
    seconds,
    evenShared,
  })!;
}

const raw = async (key: CryptoKey | undefined) =>
  key && new Uint8Array(await crypto.subtle.exportKey("raw", key)).slice();

Deno.test("kekCache() keeps a key and leaves it usable", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const salt = crypto.getRandomValues(new Uint8Array(8));
  const cache = openCache({ kernel: oneKey(new Map()) });
  const kek = await importKek(bytes.slice());
  assert.equal(await cache.keep(salt, 1000, kek), true);
  assert.deepEqual(await raw(kek), bytes);
  assert.deepEqual(await raw(await cache.find(salt, 1000)), bytes);
  assert.equal(await cache.find(salt, 1001), undefined);
});

Deno.test("kekCache() does not cut a longer unlock", async () => {
  const kept = new Map<string, Uint8Array>();
  const kernel = oneKey(kept);
  const keep = (seconds: number) => openCache({ kernel, seconds }).keepOpened("text", "opened");
  await keep(3600);
  const long = [...kept.values()][0];
  assert.deepEqual([await keep(60), [...kept.values()][0] === long], [true, true]);
  await keep(7200);
  assert.notDeepEqual([...kept.values()][0], long);
});

Deno.test("kekCache() keeps the data key alone where others can join the session keyring", async () => {
  const kek = await importKek(new Uint8Array(16));
  for (const permissions of [JOINABLE_BY_NAME, 0x1f3f0000]) {
    const kernel = oneKey(new Map(), permissions);
    const salt = new Uint8Array(8);
    const shy = openCache({ kernel });
    assert.deepEqual([await shy.keep(salt, 1000, kek), await shy.find(salt, 1000)], [
      false,
      undefined,
    ]);
    assert.equal(await shy.keepOpened("text", "opened"), true);
    assert.equal(await shy.findOpened("text"), "opened");
    assert.equal(await openCache({ kernel, evenShared: true }).keep(salt, 1000, kek), true);
  }
});
