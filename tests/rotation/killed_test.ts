import assert from "node:assert/strict";
import type { FaultKind } from "../servers/faults.ts";
import { NOT_ON_WINDOWS } from "../home.ts";
import { CALLS, CHANGES } from "./calls.ts";
import { openVault } from "./vault.ts";

for (const [action, after] of CALLS) {
  const kinds: FaultKind[] = CHANGES.includes(action)
    ? ["hang-instead", "hang-after"]
    : ["hang-instead"];
  for (const kind of kinds) {
    const what = kind === "hang-after" ? "after its effect" : "before any effect";
    Deno.test({
      ...NOT_ON_WINDOWS,
      name: `rotate killed at ${action} after ${after} ${what} can be resumed`,
      async fn() {
        await using vault = await openVault();
        vault.aws.fault({ kind, action, after });
        await vault.killWhileHanging("rotate", "work");
        await vault.assertUsable();
        await vault.assertResumes();
      },
    });
  }
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate stopped by Ctrl-C can be resumed",
  async fn() {
    await using vault = await openVault();
    vault.aws.fault({ kind: "hang-after", action: "CreateAccessKey" });
    const child = vault.start(["rotate", "work"]);
    await vault.aws.faults.untilHanging();
    child.kill("SIGINT");
    assert.equal((await child.finished).code, 130);
    vault.aws.faults.release();
    await vault.assertUsable();
    await vault.assertResumes();
  },
});
