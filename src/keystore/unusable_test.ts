import assert from "node:assert/strict";
import { MemoryKeyring } from "../../tests/fakes/memory_keyring.ts";
import { type ErrorCode, VaultError } from "../errors.ts";
import { explainFailures } from "./unusable.ts";

/** A keyring whose every read fails, behind a back end that gives the reason. */
function failing(code: ErrorCode, message: string, reason: string | undefined) {
  const probes: string[] = [];
  const keyring = new MemoryKeyring();
  keyring.get = () => Promise.reject(new VaultError(code, message, { hints: ["a hint"] }));
  const explained = explainFailures(
    keyring,
    () => Promise.resolve((probes.push("probe"), reason)),
  );
  return { explained, probes };
}

Deno.test("explainFailures() does not probe while all is well", async () => {
  const { explained, probes } = failing("keyring-failed", "it broke", "not installed");
  await explained.set("work", { data: new Uint8Array([1]), label: "work" });
  assert.deepEqual([await explained.has("work"), await explained.keys()], [true, ["work"]]);
  assert.deepEqual([await explained.remove("work"), probes], [true, []]);
});

Deno.test("explainFailures() says why the back end cannot be used, where that is why it failed", async () => {
  const { explained, probes } = failing("keyring-failed", "it broke", "It is not installed");
  await assert.rejects(explained.get("work"), {
    code: "keyring-unavailable",
    message: 'Cannot use back end "memory": it is not installed',
    hints: [],
  });
  assert.deepEqual(probes, ["probe"]);
});

Deno.test("explainFailures() leaves other failures as they are", async () => {
  const broken = failing("keyring-failed", "it broke", undefined);
  await assert.rejects(broken.explained.get("work"), {
    code: "keyring-failed",
    message: "it broke",
  });
  const locked = failing("keyring-locked", "it is locked", "It is not installed");
  await assert.rejects(locked.explained.get("work"), { code: "keyring-locked", hints: ["a hint"] });
  assert.deepEqual(locked.probes, []);
});

Deno.test("explainFailures() names the back end in a failure that does not", async () => {
  const { explained, probes } = failing(
    "keyring-unavailable",
    "There is no bus",
    "There is no bus",
  );
  await assert.rejects(explained.get("work"), {
    code: "keyring-unavailable",
    message: 'Cannot use back end "memory": there is no bus',
    hints: ["a hint"],
  });
  assert.deepEqual(probes, []);
});
