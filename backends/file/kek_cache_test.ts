import assert from "node:assert/strict";
import type { KernelKeys } from "../../src/native.ts";
import { importKek } from "./jwe.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { JOINABLE_BY_NAME, oneKernelKey } from "../../tests/fakes/one_kernel_key.ts";
import { kekCache } from "./kek_cache.ts";

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
  const cache = openCache({ kernel: oneKernelKey(new Map()) });
  const kek = await importKek(bytes.slice());
  assert.equal(await cache.keep(salt, 1000, kek), true);
  assert.equal(await cache.isShared(), false);
  assert.deepEqual(await raw(kek), bytes);
  assert.deepEqual(await raw(await cache.find(salt, 1000)), bytes);
  assert.equal(await cache.find(salt, 1001), undefined);
});

Deno.test("kekCache() does not cut a longer unlock", async () => {
  const kept = new Map<string, Uint8Array>();
  const kernel = oneKernelKey(kept);
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
    const kernel = oneKernelKey(new Map(), permissions);
    const salt = new Uint8Array(8);
    const shy = openCache({ kernel });
    assert.deepEqual([await shy.keep(salt, 1000, kek), await shy.find(salt, 1000)], [
      false,
      undefined,
    ]);
    assert.equal(await shy.keepOpened("text", "opened"), true);
    assert.equal(await shy.findOpened("text"), "opened");
    assert.equal(await shy.isShared(), true);
    const bold = openCache({ kernel, evenShared: true });
    assert.deepEqual([await bold.keep(salt, 1000, kek), await bold.isShared()], [true, false]);
  }
});
