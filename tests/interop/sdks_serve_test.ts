/** AWS's SDKs with `serve`: each by a grant, across an expiry. */

import assert from "node:assert/strict";
import type { Home } from "../home.ts";
import { openServeHome, startServe } from "../process/serving.ts";
import { AskingClient } from "./sdks/asking.ts";
import { buildClient, requireClient } from "./sdks/build_client.ts";
import { SDK_CLIENTS, type SdkClient } from "./sdks/clients.ts";

/** How long sessions of the fake AWS live in these tests. */
const SESSION_SECONDS = 20;

const CLIENTS = SDK_CLIENTS.filter((client) => !requireClient(client).ignore);

/** Asks before the first session ends and after it, with what `grant` prints for a container. */
async function crossExpiry(home: Home, client: SdkClient): Promise<void> {
  const built = await buildClient(client);
  // All that a container has.
  const { stdout } = await home.succeed("grant", "work", "--format", "docker-env");
  const variables = stdout.trimEnd().split("\n").map((line) => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  });
  await using asking = AskingClient.start(built.words, {
    ...Object.fromEntries(variables),
    HOME: "/nonexistent",
    AWS_ENDPOINT_URL: home.aws.url,
  });
  const first = await asking.ask();
  assert.equal(home.aws.world.sessionUser(first.accessKeyId), "work");
  await new Promise((resolve) => setTimeout(resolve, (SESSION_SECONDS + 1) * 1000));
  const second = await asking.ask();
  assert.equal(home.aws.world.sessionUser(second.accessKeyId), "work");
  assert.notEqual(second.accessKeyId, first.accessKeyId);
  assert(second.end === undefined || second.end > Date.now() / 1000, "it has a session that ended");
  assert.deepEqual(await asking.end(), { code: 0, stderr: "" });
}

Deno.test("serve serves every SDK that has a grant, across an expiry", async () => {
  await using home = await openServeHome({ longestSessionSeconds: SESSION_SECONDS });
  await startServe(home, "work");
  const outcomes = await Promise.all(CLIENTS.map(async (client) => {
    const crossing = crossExpiry(home, client);
    return [client.name, await crossing.then(() => "ok", (error) => error.message)];
  }));
  assert.deepEqual(outcomes, CLIENTS.map(({ name }) => [name, "ok"]));
});
