import assert from "node:assert/strict";
import { openSessionCache } from "../../src/cache/session_cache.ts";
import { World } from "../crash/world.ts";
import { TalkRecorder } from "../fakes/memory_host.ts";
import { MemoryKeyring } from "../fakes/memory_keyring.ts";
import { Home, NOT_ON_WINDOWS } from "../home.ts";
import { launch, scriptWords } from "../process/launch.ts";
import { systemHost } from "../../src/system/host.ts";
import { LETTER, obtained, SOURCES } from "./added_source.ts";
import { type Scene, testSource } from "./source_contract.ts";

testSource({
  source: LETTER,
  scene: () => Promise.resolve(letterScene()),
  changes: {
    "the letter": ({ settings }) => {
      settings["letter_text"] = "AKIAOTHER other-secret";
    },
  },
});

function letterScene(): Scene & AsyncDisposable {
  const host = { ...systemHost(), talk: new TalkRecorder() };
  const keyring = () => Promise.resolve(new MemoryKeyring());
  return {
    deps: { host, keyring, cache: () => openSessionCache(host, keyring) },
    settings: { letter_text: "AKIAEXAMPLE letter-secret" },
    env: {},
    keys: new Set(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a source of one row: exec gives its credentials to the child",
  async fn() {
    await using home = await Home.open();
    home.write(".aws/config", "[profile friend]\nletter_text = AKIAEXAMPLE letter-secret\n");
    const program = new URL("added_source.ts", import.meta.url).pathname;
    const words = ["exec", "friend", "--", "sh", "-c", "echo $AWS_VAULT $AWS_ACCESS_KEY_ID"];
    assert.deepEqual(await launch(words, home.env, scriptWords(program)).finished, {
      code: 0,
      stdout: "friend AKIAEXAMPLE\n",
      stderr: "",
    });
  },
});

Deno.test("a source is one file and one row: export, explain, list and completion know it", async () => {
  await using world = await World.open({ roles: [{ name: "reader", trusts: ["111122223333"] }] });
  world.sources = SOURCES;
  const { id, secret } = world.aws.user("old").key;
  world.write(
    ".aws/config",
    `[default]
letter_text = AKIADEFAULT none
region = us-east-1
[profile plain]
[profile friend]
letter_text = ${id} ${secret}
[profile reader]
source_profile = friend
role_arn = arn:aws:iam::111122223333:role/reader
`,
  );

  const { stdout } = await world.succeed("export", "--format=json", "friend");
  assert.equal(JSON.parse(stdout).AccessKeyId, id);
  await world.succeed("export", "--format=json", "friend");
  assert.deepEqual(
    obtained.filter((it) => it === id),
    [id],
    "the second time it comes from the cache",
  );

  await world.succeed("export", "--format=json", "reader");
  assert.deepEqual(world.aws.takeCalls(), ["AssumeRole reader by key/old for 3600s"]);

  assert.equal((await world.run("export", "plain")).code, 3, "nothing is inherited from [default]");
  const explained = (await world.succeed("explain", "reader")).stdout.split("\n");
  assert.deepEqual(explained.slice(0, 2), [
    'Profile "reader" starts with a letter to profile "friend"',
    '1. AssumeRole arn:aws:iam::111122223333:role/reader (profile "reader") for 1h: ' +
    "from the credentials before it",
  ]);
  const listed = JSON.parse((await world.succeed("list", "--json")).stdout);
  assert.deepEqual(
    listed.map((row: Record<string, unknown>) => [row["name"], row["source"]]),
    [["default", "letter"], ["plain", undefined], ["friend", "letter"], ["reader", undefined]],
  );
  const words = ["--complete", "fish", "rotate", ""];
  const { stdout: proposed } = await world.succeed(...words);
  assert.deepEqual(proposed.split("\n").filter((line) => !line.startsWith("-")), [
    "values",
    "plain",
    "",
  ]);
});
