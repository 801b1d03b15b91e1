import assert from "node:assert/strict";
import { seededRandom } from "../../tests/fakes/memory_host.ts";
import { importDataKey, seal, unseal } from "./seal.ts";

const random = seededRandom();
const place = {
  identity: "a".repeat(64),
  kind: "AssumeRole",
  profile: "work",
  sourceKey: "master",
  expiration: 1_800_000_000_000,
  grantedSeconds: 3600,
  changes: 0,
};

Deno.test("unseal() gives the text back, and no seal is like another", async () => {
  const key = await importDataKey(random.bytes(32));
  const one = await seal(random, key, place, "secret é"),
    two = await seal(random, key, place, "secret é");
  assert.equal(await unseal(key, place, one), "secret é");
  assert.notDeepEqual(one, two);
  assert.match(key.id, /^[0-9a-f]{16}$/);
});

Deno.test("unseal() gives nothing with any byte changed, cut short, or empty", async () => {
  const key = await importDataKey(random.bytes(32));
  const sealed = await seal(random, key, place, "secret");
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice();
    changed[at]! ^= 1 + Math.floor(random.fraction() * 255);
    assert.equal(await unseal(key, place, changed), undefined, `byte ${at}`);
    assert.equal(await unseal(key, place, sealed.slice(0, at)), undefined, `cut at ${at}`);
  }
});

Deno.test("unseal() gives nothing at another place or with another key", async () => {
  const bytes = random.bytes(32);
  const key = await importDataKey(bytes), other = await importDataKey(random.bytes(32));
  const sealed = await seal(random, key, place, "secret");
  const found = await Promise.all([
    unseal(other, place, sealed),
    unseal({ ...key, id: other.id }, place, sealed),
    unseal(key, { ...place, identity: "b".repeat(64) }, sealed),
    unseal(key, { ...place, kind: "GetSessionToken" }, sealed),
    unseal(key, { ...place, profile: "prod" }, sealed),
    unseal(key, { ...place, sourceKey: undefined }, sealed),
    unseal(key, { ...place, expiration: place.expiration + 1 }, sealed),
    unseal(key, { ...place, grantedSeconds: 43_200 }, sealed),
    unseal(key, { ...place, changes: 1 }, sealed),
    unseal(await importDataKey(bytes), place, sealed),
  ]);
  assert.deepEqual(found, [...Array(9).fill(undefined), "secret"]);
});
