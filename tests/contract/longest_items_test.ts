/** Every item of ours fits into the store that holds least: a Windows credential, of 2,560 bytes. */

import assert from "node:assert/strict";
import { LARGEST_BLOB } from "../../backends/wincred/names.ts";
import { obtainDataKey, readDataKey } from "../../src/cache/data_key.ts";
import { readStoredKey, writeStoredKey } from "../../src/credentials/long_term_key.ts";
import { type PendingRotation, readPending, writePending } from "../../src/rotation/pending.ts";
import { Secret } from "../../src/secret.ts";
import { requireCompiler } from "../fakes/compile_c.ts";
import { memoryHost } from "../fakes/memory_host.ts";
import { openIn, WincredStandIn } from "./wincred_stand_in.ts";

/** IAM's longest values: access key ids of 128 characters, a path of 512, a user name of 64. */
const keyId = (letter: string) => `AKIA${letter.repeat(124)}`;
const PATH = `/${'"'.repeat(510)}/`;
const USER = "u".repeat(64);
const ARN = `arn:aws-us-gov:iam::123456789012:user${PATH}${USER}`;
/** A profile's name may be as long as anybody likes; that of a file has 255 bytes at most. */
const LONG_PROFILE = "p".repeat(2_000);
const PROFILE = "p".repeat(255);
const OTHER_PROFILE = "o".repeat(255);

const key = { accessKeyId: keyId("N"), secretAccessKey: new Secret("/".repeat(64)) };
const at = (second: number) => Temporal.Instant.from(`2026-11-26T01:31:0${second}.123Z`);

/** A rotation through another profile's role, of a user with two keys, after some lost answers. */
const PENDING: PendingRotation = {
  profile: PROFILE,
  through: OTHER_PROFILE,
  phase: "creating",
  oldKeyId: keyId("O"),
  userArn: ARN,
  userName: USER,
  knownKeyIds: [keyId("O"), keyId("P")],
  createCalls: [1, 2, 3, 4].map((second) => ({ sent: at(second), ended: at(second + 1) })),
  keepOld: false,
};
const CREATED: PendingRotation = {
  ...PENDING,
  phase: "retiring",
  createCalls: [],
  newKey: key,
  newKeyCreated: at(9),
};

Deno.test({
  ...requireCompiler(),
  // A library that cannot be unloaded.
  sanitizeResources: false,
  name: "the longest items of ours fit into a Windows credential, and come back",
  async fn() {
    await using standIn = await WincredStandIn.make();
    const keyring = openIn(standIn.folder);
    const long = { ...CREATED, profile: LONG_PROFILE, through: LONG_PROFILE };
    for (const pending of [PENDING, CREATED, long]) {
      await writePending(keyring, pending);
      assert.deepEqual(await readPending(keyring, pending.profile), pending);
    }
    // What aws-vault 7 writes beside a key, and this one keeps.
    const otherFields = { SessionToken: "", Source: PROFILE, Expires: "0001-01-01T00:00:00Z" };
    await writeStoredKey(keyring, PROFILE, key, otherFields);
    const stored = await readStoredKey(keyring, PROFILE);
    assert.deepEqual(
      [stored?.accessKeyId, stored?.secretAccessKey.reveal()],
      [key.accessKeyId, key.secretAccessKey.reveal()],
    );
    await obtainDataKey(memoryHost(), keyring, () => {});
    assert.notEqual(await readDataKey(keyring), undefined);
    const sizes = standIn.credentials().map(({ blob }) => blob.length);
    assert.equal(sizes.length, 4);
    assert.ok(Math.max(...sizes) <= LARGEST_BLOB, String(sizes));
  },
});
