import assert from "node:assert/strict";
import { startFailure } from "./start_failure.ts";

Deno.test("startFailure() always says why", () => {
  const path = "/tmp/no/such/file";
  const errors = {
    "it does not exist": new Deno.errors.NotFound("x"),
    "it is not executable": new Deno.errors.PermissionDenied("x"),
    "it is not a program": new Error("Failed to spawn 'Z:\\a': bad format (os error 193)"),
    "No buffer space (os error 105)": new Error(
      `Failed to spawn '${path}': No buffer space (os error 105)`,
    ),
    "something else": new Error("something else"),
  };
  for (const [why, error] of Object.entries(errors)) {
    assert.equal(startFailure(path, error).message, `Cannot start "${path}": ${why}`);
  }
  const withoutExtension = startFailure(
    "Z:\\a",
    new Error("Failed to spawn 'Z:\\a': File not found"),
  );
  assert.equal(withoutExtension.message, 'Cannot start "Z:\\a": it is not a program');
  assert.equal(withoutExtension.kind, "not-executable");
});
