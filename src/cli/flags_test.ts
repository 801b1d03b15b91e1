import assert from "node:assert/strict";
import { CREDENTIAL_FLAGS, GLOBAL_FLAGS } from "./flags.ts";

Deno.test("an error about a duration names the flag that has it", () => {
  const message = (flag: string) => `Cannot understand ${flag}: "long" is not a duration`;
  assert.throws(() => GLOBAL_FLAGS.wait.parse("long"), { message: message("--wait") });
  assert.throws(() => CREDENTIAL_FLAGS.duration.parse("long"), { message: message("--duration") });
});
