import assert from "node:assert/strict";
import { requireService, runs } from "../../tests/services.ts";
import { callingPrograms, callingProgramsByPs } from "./callers.ts";

Deno.test({
  ...requireService(
    "ps of Linux or macOS",
    Deno.build.os !== "windows" && runs("/bin/ps", "-axo", "lstart="),
    "apt-get install procps",
  ),
  name: "callingPrograms() has the programs behind this one, as ps has them",
  fn() {
    const withoutStart = ({ started: _, ...program }: { started: string }) => program;
    const own = callingPrograms();
    const byPs = callingProgramsByPs();
    assert.equal(own[0]?.pid, Deno.ppid);
    assert.deepEqual(byPs.map(withoutStart), own.map(withoutStart));
    // The same at each look, since a remembered yes is bound to it.
    assert.deepEqual(callingProgramsByPs(), byPs);
    for (const { started } of byPs) assert.match(started, /^\w{3} \w{3} +\d+ [\d:]{8} \d{4}$/);
  },
});
