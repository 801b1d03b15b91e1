import assert from "node:assert/strict";
import { decodeStoredKey } from "./long_term_key.ts";

const KEY = { AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "a secret", Source: "é" };

const decoded = (key: unknown) =>
  decodeStoredKey(new TextEncoder().encode(JSON.stringify(key)), "work");

Deno.test("decodeStoredKey() reads a key, and keeps the other fields", () => {
  const { accessKeyId, secretAccessKey, otherFields } = decoded(KEY);
  assert.deepEqual([accessKeyId, secretAccessKey.reveal(), otherFields], [
    KEY.AccessKeyID,
    KEY.SecretAccessKey,
    { Source: "é" },
  ]);
});

Deno.test("decodeStoredKey() refuses what another tool stored and no header can carry", () => {
  for (const part of ["AccessKeyID", "SecretAccessKey"]) {
    for (const value of ["x\nX-Evil: 1", "\u001b[31m", "x\0", "café", 12, null]) {
      assert.throws(() => decoded({ ...KEY, [part]: value }), {
        code: "damaged-item",
        message: 'Cannot read the stored key "work": it is damaged',
      });
    }
  }
});
