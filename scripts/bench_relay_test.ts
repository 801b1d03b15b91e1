import assert from "node:assert/strict";
import { startRelay } from "./bench_relay.ts";

Deno.test("startRelay() hands on what a server says, later", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => new Response(`heard ${await request.text()}`),
  );
  await using relay = startRelay(`http://127.0.0.1:${server.addr.port}`, 50);
  const from = performance.now();
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const answer = await fetch(relay.url, { method: "POST", body: "a question", client });
  assert.equal(await answer.text(), "heard a question");
  assert(performance.now() - from >= 49);
});
