import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { CALLS } from "./calls.ts";
import { openKeyHome } from "./key_home.ts";

/** Denied: a missing right to list or to set inactive leaves the step out, and the rotation goes on. */
for (const [action, after] of CALLS) {
  const isOptional = action === "ListAccessKeys" || action === "UpdateAccessKey";
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `rotate denied ${action} after ${after} ${isOptional ? "goes on" : "can be resumed"}`,
    async fn() {
      await using home = await openKeyHome();
      const first = home.user.key.id;
      home.aws.fault({ kind: "deny", action, after });
      const { code, stderr } = await home.run("rotate", "work");
      assert.deepEqual([code, stderr.includes("denied")], isOptional ? [0, true] : [5, false]);
      await home.assertUsable();
      await home.assertResumes();
      // Where nothing was made nothing is pending: the key of the beginning is the stored one.
      const isUnchanged = first === home.user.key.id;
      assert.equal(
        isUnchanged,
        !isOptional && (action === "CreateAccessKey" || after === 0) &&
          action !== "DeleteAccessKey",
      );
    },
  });
}
