/** AWS's SDKs with the servers of `exec`, across an expiry. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { programWords } from "../process/launch.ts";
import { AskingClient } from "./sdks/asking.ts";
import { buildClient, requireClient } from "./sdks/build_client.ts";
import { SDK_CLIENTS, type SdkClient } from "./sdks/clients.ts";
import { denoDir } from "../process/deno_dir.ts";

/** How long sessions of the fake AWS live in these tests. */
const SESSION_SECONDS = 20;

const CLIENTS = SDK_CLIENTS.filter((client) => !requireClient(client).ignore);

/** Asks before the first session ends and after it; what was wrong, or `ok`. */
async function crossExpiry(home: Home, client: SdkClient, flags: readonly string[]) {
  const { words } = await buildClient(client);
  const exec = [...programWords(), "exec", ...flags, "work", "--", ...words];
  await using asking = AskingClient.start(exec, { ...denoDir(), ...home.env });
  const first = await asking.ask();
  assert.equal(home.aws.world.sessionUser(first.accessKeyId), "work");
  await wait(SESSION_SECONDS + 1);
  const second = await asking.ask();
  assert.equal(home.aws.world.sessionUser(second.accessKeyId), "work");
  assert.notEqual(second.accessKeyId, first.accessKeyId);
  if (!client.keepsNothing) assert(second.end! > Date.now() / 1000, "it got an old session");
  assert.deepEqual(await asking.end(), { code: 0, stderr: "" });
}

const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

Deno.test("exec --server serves every SDK, across an expiry", async () => {
  await using home = await Home.open({ longestSessionSeconds: SESSION_SECONDS });
  home.write(".aws/config", "[profile work]\nregion = us-east-1\n");
  await home.as("work").succeed("add", "--env", "work");
  const outcomes = await Promise.all(CLIENTS.map(async (client) => {
    const outcome = await crossExpiry(home, client, ["--server"]).catch((error) => error.message);
    return [client.name, outcome ?? "ok"];
  }));
  assert.deepEqual(outcomes, SDK_CLIENTS.map(({ name }) => [name, "ok"]));
});
