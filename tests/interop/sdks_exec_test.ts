/** AWS's SDKs with the servers of `exec`, across an expiry. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { denoDir } from "../process/deno_dir.ts";
import { programWords } from "../process/launch.ts";
import { inNamespace, openCachedHome, requireNamespace } from "../process/namespace.ts";
import { AskingClient } from "./sdks/asking.ts";
import { buildClient, requireClient } from "./sdks/build_client.ts";
import { SDK_CLIENTS, type SdkClient } from "./sdks/clients.ts";
import { MovableClock, requireMovableClock } from "./sdks/movable_clock.ts";

/** How long sessions of the fake AWS live in these tests. */
const SESSION_SECONDS = 20;

/** Longer than botocore puts off a near end of a metadata service. */
const PUT_OFF_SECONDS = 1800;

const CLIENTS = SDK_CLIENTS.filter((client) => !requireClient(client).ignore);

/** The servers of `exec`, by the flags that ask for them. */
const SERVERS: readonly { readonly flags: readonly string[]; readonly isMetadata?: true }[] = [
  { flags: ["--server"] },
  { flags: ["--server", "--token-file"] },
  { flags: ["--imds-port", "0"], isMetadata: true },
];

/** Asks before the first session ends and after it, of a server that a client finds in its environment. */
async function crossExpiry(client: SdkClient, server: typeof SERVERS[number]) {
  await using home = await Home.open({ longestSessionSeconds: SESSION_SECONDS });
  home.write(".aws/config", "[profile work]\nregion = us-east-1\n");
  await home.as("work").succeed("add", "--env", "work");
  const built = await buildClient(client);
  const clock = server.isMetadata && client.putsOffNearEnds
    ? new MovableClock(`${home.path}/clock`)
    : undefined;
  const words = [...clock?.words ?? [], ...built.words];
  const exec = [...programWords(), "exec", ...server.flags, "work", "--", ...words];
  await using asking = AskingClient.start(exec, { ...denoDir(), ...home.env });
  const first = await asking.ask();
  assert.equal(home.aws.world.sessionUser(first.accessKeyId), "work");
  await wait(SESSION_SECONDS + 1);
  clock?.moveTo(PUT_OFF_SECONDS);
  const second = await asking.ask();
  assert.equal(home.aws.world.sessionUser(second.accessKeyId), "work");
  assert.notEqual(second.accessKeyId, first.accessKeyId);
  const now = Date.now() / 1000;
  assert(second.end === undefined || second.end > now, "it got a session that has ended");
  assert.deepEqual(await asking.end(), { code: 0, stderr: "" });
}

const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

for (const server of SERVERS) {
  Deno.test({
    name: `exec ${server.flags.join(" ")} serves every SDK that knows it, across an expiry`,
    ...requireMovableClock(),
    async fn() {
      const isServed = (client: SdkClient) =>
        !(client.knowsNoTokenFile && server.flags.includes("--token-file"));
      const outcomes = await Promise.all(
        CLIENTS.filter(isServed).map(async (client) => {
          const crossing = crossExpiry(client, server);
          return [client.name, await crossing.then(() => "ok", (error) => error.message)];
        }),
      );
      assert.deepEqual(outcomes, SDK_CLIENTS.filter(isServed).map(({ name }) => [name, "ok"]));
    },
  });
}

Deno.test({
  name: "exec --ec2-server serves every SDK where it looks by itself",
  ...requireNamespace(),
  async fn() {
    await using home = await openCachedHome();
    const built = await Promise.all(CLIENTS.map(buildClient));
    // One of them has to ask AWS itself, which is not in the namespace.
    const asking = built.filter(({ client }) => !client.asksAws);
    const lines = asking.map(({ words }) => `echo | ${words.map((word) => `'${word}'`).join(" ")}`);
    home.write("ask.sh", lines.join("\n"));
    const said = await inNamespace(home, "exec_with --ec2-server work -- sh ask.sh");
    const [id] = home.aws.world.sessionIds();
    assert.deepEqual(said.map((line) => line.split(" ")[0]), Array(asking.length).fill(id));
  },
});
