import assert from "node:assert/strict";
import { isPlain, startOf } from "./shells.ts";

Deno.test("isPlain() takes lines that mean the same without a POSIX shell", () => {
  const plain = [
    "aws-vault list --long",
    "AWS_PROFILE=work AWS_REGION='us-east-1' aws-vault export",
    'aws-vault export --policy \'{"a": 1}\' "two words"',
    "AWS_ACCESS_KEY_ID={key work} aws-vault add --env work",
    "aws-vault exec work -- true",
    "aws-vault exec work -- sh -c 'echo $AWS_VAULT'",
    "aws-vault exec work -- sh -c 'exit 7'",
    "aws-vault exec work -- no-such-command",
  ];
  const others = [
    "aws-vault list | head -1",
    "aws-vault list > file",
    'aws-vault export "$NAME"',
    "aws-vault exec work -- env",
    "aws-vault exec work -- sh -c 'echo $AWS_VAULT; date'",
    "aws-vault export; true",
    "aws-vault export --output /dev/null",
    "cat .aws/config",
  ];
  assert.deepEqual(plain.filter((line) => !isPlain(line)), []);
  assert.deepEqual(others.filter(isPlain), []);
});

Deno.test("startOf() leaves the rules of its own to each shell of Windows", () => {
  assert.deepEqual(startOf("cmd", 'echo "%X%" & type y'), {
    program: "cmd.exe",
    args: ["/d", "/s", "/c", '"echo "%X%" & type y"'],
    env: {},
    isRaw: true,
  });
  const encoded = startOf("powershell", "$env:X").args.at(-1)!;
  const script = new TextDecoder("utf-16le").decode(Uint8Array.fromBase64(encoded));
  assert.equal(script, "$ProgressPreference = 'SilentlyContinue'; $env:X");
});
