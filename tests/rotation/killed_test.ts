import assert from "node:assert/strict";
import type { FaultKind } from "../servers/faults.ts";
import { NOT_ON_WINDOWS } from "../home.ts";
import { CALLS, CHANGES } from "./calls.ts";
import { openKeyHome } from "./key_home.ts";

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
        await using home = await openKeyHome();
        home.aws.fault({ kind, action, after });
        await home.killWhileHanging("rotate", "work");
        await home.assertUsable();
        await home.assertResumes();
      },
    });
  }
}

for (const [action, after] of CALLS) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `rotate stopped by Ctrl-C at ${action} after ${after} says how, and goes on from there`,
    async fn() {
      await using home = await openKeyHome();
      const kind = CHANGES.includes(action) ? "hang-after" : "hang-instead";
      home.aws.fault({ kind, action, after });
      const child = home.start(["rotate", "work"]);
      await home.aws.faults.untilHanging();
      child.kill("SIGINT");
      const { code, stderr } = await child.finished;
      assert.equal(code, 130);
      assert.match(stderr, /^hint: Ctrl-C loses nothing; .*: aws-vault rotate --resume work$/m);
      home.aws.faults.release();
      await home.assertUsable();
      await home.assertResumes();
    },
  });
}
