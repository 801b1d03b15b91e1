import assert from "node:assert/strict";
import { SOURCES } from "../../src/credentials/sources/mod.ts";
import { World } from "../crash/world.ts";
import { LETTER, obtained } from "./added_source.ts";

Deno.test("a source is one file and one row: exec, export, explain, list and completion know it", async () => {
  await using world = await World.open({ roles: [{ name: "reader", trusts: ["111122223333"] }] });
  world.sources = [...SOURCES, LETTER];
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
  assert.deepEqual(obtained, [id], "the second time it comes from the cache");

  await world.succeed("export", "--format=json", "reader");
  assert.deepEqual(world.aws.takeCalls(), ["AssumeRole reader by key/old for 3600s"]);

  assert.equal((await world.run("export", "plain")).code, 3, "nothing is inherited from [default]");
  assert.equal(
    (await world.succeed("explain", "reader")).stdout,
    'Profile "reader" starts with a letter to profile "friend"\n' +
      '1. AssumeRole arn:aws:iam::111122223333:role/reader (profile "reader") for 1h: ' +
      "from the credentials before it\n",
  );
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
