import assert from "node:assert/strict";
import type { KernelKeys } from "../../src/native.ts";
import { importKek } from "./jwe.ts";
import { kekCache } from "./kek_cache.ts";

/** The kernel's keys, as far as they keep one key. */
function oneKey(kept: Map<string, Uint8Array>): KernelKeys {
  const serial = 7;
  const keys: Partial<KernelKeys> = {
    specialKeyring: () => 1,
    add(_keyring, description, bytes) {
      kept.set(description, bytes.slice());
    },
    search: (_keyring, description) => kept.has(description) ? serial : undefined,
    read: () => [...kept.values()][0]?.slice(),
  };
  return keys as KernelKeys;
}

Deno.test("kekCache() keeps a key and leaves it usable", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const salt = crypto.getRandomValues(new Uint8Array(8));
  const kernel = oneKey(new Map());
  const cache = kekCache({ kernelKeys: () => Promise.resolve(kernel) }, 900);
  const kek = await importKek(bytes.slice());
  await cache?.keep(salt, 1000, kek);
  const raw = async (key: CryptoKey | undefined) =>
    key && new Uint8Array(await crypto.subtle.exportKey("raw", key)).slice();
  assert.deepEqual(await raw(kek), bytes);
  assert.deepEqual(await raw(await cache?.find(salt, 1000)), bytes);
  assert.equal(await cache?.find(salt, 1001), undefined);
});
