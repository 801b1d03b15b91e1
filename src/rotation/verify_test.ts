import assert from "node:assert/strict";
import { memoryHost } from "../../tests/fakes/memory_host.ts";
import { ScriptedHttp } from "../../tests/fakes/scripted_http.ts";
import { AwsError } from "../errors.ts";
import { untilKnown } from "./verify.ts";

function refusal(awsCode: string): AwsError {
  return new AwsError("refused", { awsCode, awsMessage: "", status: 403, requestId: "" });
}

Deno.test("untilKnown() waits up to a minute, in growing steps, for AWS to know a key", async () => {
  using http = new ScriptedHttp();
  const deps = { ...memoryHost(), http };
  let calls = 0;
  await assert.rejects(
    untilKnown(deps, () => {
      calls++;
      return Promise.reject(refusal("InvalidClientTokenId"));
    }),
    { awsCode: "InvalidClientTokenId" },
  );
  const waitedMs = deps.clock.monotonicMs();
  assert(waitedMs >= 60_000 && waitedMs < 65_000, `${waitedMs} ms`);
  assert(calls > 12 && calls < 30, `${calls} calls`);
});

Deno.test("untilKnown() waits for nothing else", async () => {
  using http = new ScriptedHttp();
  const deps = { ...memoryHost(), http };
  await assert.rejects(untilKnown(deps, () => Promise.reject(refusal("AccessDenied"))), {
    awsCode: "AccessDenied",
  });
  assert.equal(await untilKnown(deps, () => Promise.resolve("known")), "known");
  assert.deepEqual(deps.clock.sleeps, []);
});
