import assert from "node:assert/strict";

const SHOW = Deno.build.os === "windows" ? "cmd /c set" : "env";

Deno.test("deno task demo shows temporary credentials, then the cached ones, and no whole secret", async () => {
  const demo = new URL("../../scripts/demo.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", "--no-prompt", demo],
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(code, 0);
  assert.deepEqual(text.match(/^\$ .*$|^AWS saw.*$/gm), [
    "$ aws-vault add --env work",
    `$ aws-vault exec work -- ${SHOW}`,
    "AWS saw: GetSessionToken by key/demo for 3600s",
    `$ aws-vault exec work -- ${SHOW}`,
    "AWS saw no call",
  ]);
  const ids = text.match(/AWS_ACCESS_KEY_ID=ASIA\w{16}$/gm) ?? [];
  assert.deepEqual([ids.length, new Set(ids).size], [2, 1]);
  assert.doesNotMatch(text, /=[A-Za-z0-9/+]{21,}/);
});
