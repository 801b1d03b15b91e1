/** AWS's SDKs with `credential_process` and with the environment of `exec`, across an expiry, many at once. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { denoDir } from "../process/deno_dir.ts";
import { programWords } from "../process/launch.ts";
import { AskingClient } from "./sdks/asking.ts";
import { buildClient, requireClient } from "./sdks/build_client.ts";
import { SDK_CLIENTS, type SdkClient } from "./sdks/clients.ts";

/** How long sessions of the fake AWS live where one is crossed. */
const SESSION_SECONDS = 20;

/** What a process says that waits for the session of another. */
const WAITING = /^note: Waiting for another aws-vault.*\n/gm;

/** How many processes of a client ask at once. */
const AT_ONCE = 50;

const CLIENTS = SDK_CLIENTS.filter((client) => !requireClient(client).ignore);

/** Whose configuration says what to run. */
async function openHome(options: { longestSessionSeconds?: number } = {}): Promise<Home> {
  const home = await Home.open(options);
  const words = [...programWords(), "export", "--format=json", "work"];
  // Not quoted: the SDK for Go takes a quote at either end of a value away.
  const command = words.join(" ");
  const config = `[profile work]\nregion = us-east-1\n\n[profile asking]\nregion = us-east-1\n` +
    `credential_process = ${command}\n`;
  home.write(".aws/config", config);
  await home.as("work").succeed("add", "--env", "work");
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) delete home.env[name];
  return home;
}

/** The two ways by which a client comes to credentials, as what starts it and what it has. */
const WAYS = {
  credential_process: (home: Home, words: readonly string[]) => ({
    words,
    env: { ...denoDir(), ...home.env, AWS_PROFILE: "asking" },
  }),
  "the environment of exec": (home: Home, words: readonly string[]) => ({
    words: [...programWords(), "exec", "work", "--", ...words],
    env: { ...denoDir(), ...home.env },
  }),
} as const;

type Way = typeof WAYS[keyof typeof WAYS];

/** Starts a client, and has it ask as often as there are steps, each of which is waited for before. */
async function ask(home: Home, client: SdkClient, way: Way, pauses: readonly number[] = [0]) {
  const { words } = await buildClient(client);
  const start = way(home, words);
  await using asking = AskingClient.start(start.words, start.env);
  const ids: string[] = [];
  for (const seconds of pauses) {
    await wait(seconds);
    const { accessKeyId, end } = await asking.ask();
    assert.equal(home.aws.world.sessionUser(accessKeyId), "work");
    assert(end === undefined || end > Date.now() / 1000, "it got a session that has ended");
    ids.push(accessKeyId);
  }
  const { code, stderr } = await asking.end();
  assert.deepEqual([code, stderr.replace(WAITING, "")], [0, ""]);
  return ids;
}

const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** What came of each client, by its name. */
async function outcomes(body: (client: SdkClient) => Promise<void>) {
  const running = CLIENTS.map(async (client) => {
    const done = body(client);
    return [client.name, await done.then(() => "ok", (error) => error.message)];
  });
  return await Promise.all(running);
}

const ALL_OK = CLIENTS.map(({ name }) => [name, "ok"]);

Deno.test("every SDK renews what credential_process gives, across an expiry", async () => {
  const crossExpiry = async (client: SdkClient) => {
    await using home = await openHome({ longestSessionSeconds: SESSION_SECONDS });
    const pauses = [0, SESSION_SECONDS + 1];
    const [first, second] = await ask(home, client, WAYS.credential_process, pauses);
    assert.notEqual(second, first);
  };
  assert.deepEqual(await outcomes(crossExpiry), ALL_OK);
});

Deno.test("every SDK takes the environment of exec, and a later exec has a new session", async () => {
  const way = WAYS["the environment of exec"];
  // Clients that do not renew it have to start, and ask, within the first.
  const longestSessionSeconds = 60;
  const crossExpiry = async (client: SdkClient) => {
    await using home = await openHome({ longestSessionSeconds });
    const [first] = await ask(home, client, way);
    await wait(longestSessionSeconds + 1);
    const [second] = await ask(home, client, way);
    assert.notEqual(second, first);
  };
  assert.deepEqual(await outcomes(crossExpiry), ALL_OK);
});

/** All get the one session that one of them has obtained. */
async function shareOne(home: Home, asking: readonly Promise<string[]>[]): Promise<void> {
  // Each is waited for, even where another fails: the home goes away after it.
  const ends = await Promise.all(asking.map((one) => one.catch((error) => [String(error)])));
  const [id] = home.aws.world.sessionIds();
  assert.deepEqual(ends, Array(asking.length).fill([id]));
  assert.equal(home.aws.world.sessionIds().length, 1);
}

for (const client of CLIENTS) {
  const few = Deno.env.has("AWS_VAULT_BIN") ? undefined : client.fewOfSourcesAtOnce;
  const length = few ?? AT_ONCE;
  Deno.test(`${length} processes of ${client.name} with credential_process share a session`, async () => {
    await using home = await openHome();
    const asking = Array.from({ length }, () => ask(home, client, WAYS.credential_process));
    await shareOne(home, asking);
  });
}

Deno.test(`${AT_ONCE} runs of exec at once, of all SDKs, share a session`, async () => {
  await using home = await openHome();
  const way = WAYS["the environment of exec"];
  const asking = Array.from(
    { length: AT_ONCE },
    (_, i) => ask(home, CLIENTS[i % CLIENTS.length]!, way),
  );
  await shareOne(home, asking);
});
