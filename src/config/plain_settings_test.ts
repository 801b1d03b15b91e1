import assert from "node:assert/strict";
import { openConfig } from "./config_file.ts";
import { plainSettings } from "./plain_settings.ts";

const values = (lines: string) =>
  [...plainSettings(openConfig(`[profile a]\n${lines}\n`, "config").profile("a")!)]
    .map(([key, { value }]) => [key, value]).sort();

Deno.test("plainSettings() takes quotation marks around a whole value away", () => {
  const cases: [string, string][] = [
    ['region = "us-east-1"', "us-east-1"],
    ["region = 'us-east-1'", "us-east-1"],
    ["region = `us-east-1`", "us-east-1"],
    ['region = ""', ""],
    ["region = \"us'", "\"us'"],
    ['region = "a" "b"', '"a" "b"'],
    ['region = "', '"'],
    ["region = it's", "it's"],
    ['region = "a # b" # c', "a # b"],
    ["region = 'a ; b'", "a ; b"],
    ['region = "a # b', '"a'],
  ];
  for (const [line, expected] of cases) assert.deepEqual(values(line), [["region", expected]]);
  assert.deepEqual(values('mfa_process = "/opt/otp"'), [["mfa_process", "/opt/otp"]]);
  assert.deepEqual(values('mfa_process = "/opt/my otp"'), [["mfa_process", '"/opt/my otp"']]);
});

Deno.test("plainSettings() takes indented settings below a plain key for settings", () => {
  assert.deepEqual(values("region = us-east-1\n  mfa_serial = arn\n  role_arn=r"), [
    ["mfa_serial", "arn"],
    ["region", "us-east-1"],
    ["role_arn", "r"],
  ]);
  // What is in the first column counts.
  assert.deepEqual(values("region = us-east-1\n  mfa_serial = no\nmfa_serial = yes"), [
    ["mfa_serial", "yes"],
    ["region", "us-east-1"],
  ]);
  assert.deepEqual(values("credential_process = tool\n  exec prod\n  --duration=1h"), [
    ["credential_process", "tool\nexec prod\n--duration=1h"],
  ]);
  assert.deepEqual(values("s3 =\n  max_queue_size = 1"), [[
    "s3",
    new Map([["max_queue_size", "1"]]),
  ]]);
});
