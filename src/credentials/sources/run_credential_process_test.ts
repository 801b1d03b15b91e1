import assert from "node:assert/strict";
import { memoryEnv, memoryHost, memoryPlatform } from "../../../tests/fakes/memory_host.ts";
import { ScriptedTerminal } from "../../../tests/fakes/scripted_terminal.ts";
import { VaultError } from "../../errors.ts";
import type { ProgramRequest } from "../../host.ts";
import { isOwnCommand, runCredentialProcess, runsThisProgram } from "./run_credential_process.ts";

const OUTPUT = `{"Version":1,"AccessKeyId":"AKIAEXAMPLE","SecretAccessKey":"secret"}`;

/** A machine where every program prints a key. */
function world(env: Record<string, string> = {}) {
  const started: ProgramRequest[] = [];
  const unused = () => assert.fail("not expected");
  const programs = {
    find: unused,
    replace: unused,
    attend: unused,
    run(request: ProgramRequest) {
      started.push(request);
      return Promise.resolve({ code: 0, stdout: new TextEncoder().encode(OUTPUT), stderr: "" });
    },
  };
  const { clock } = memoryHost();
  const terminal = new ScriptedTerminal();
  const deps = { env: memoryEnv(env), platform: memoryPlatform(), programs, terminal, clock };
  return { deps, started };
}

async function refusal(deps: ReturnType<typeof world>["deps"], profile: string, command: string) {
  const error = await runCredentialProcess(deps, { profile, command }).catch((error) => error);
  assert(error instanceof VaultError);
  return [error.code, error.message];
}

Deno.test("runCredentialProcess() shows the program which profiles wait for it", async () => {
  const { deps, started } = world({
    HOME: "/home/test",
    AWS_VAULT_FILE_PASSPHRASE: "own secret",
    AWS_SECRET_ACCESS_KEY: "of another profile",
    AWS_VAULT_PROFILE_CHAIN: "credential_process/outer",
  });
  await runCredentialProcess(deps, { profile: "a, b", command: "helper --for 'a, b'" });
  assert.deepEqual(started, [{
    command: "helper",
    args: ["--for", "a, b"],
    env: {
      HOME: "/home/test",
      AWS_VAULT_PROFILE_CHAIN: "credential_process/outer,credential_process/a%2C%20b",
    },
    ownEnv: { AWS_VAULT_FILE_PASSPHRASE: "own secret" },
    stderr: "inherit",
    timeoutMs: 60_000,
  }]);
});

Deno.test("runCredentialProcess() refuses a chain that refers back to itself, with its path", async () => {
  const { deps, started } = world({
    AWS_VAULT_PROFILE_CHAIN: "credential_process/work,credential_process/other",
  });
  assert.deepEqual(await refusal(deps, "work", "helper"), [
    "bad-config",
    'Cannot run the credential_process of profile "work": it refers back to itself: ' +
    '"work" -> "other" -> "work"',
  ]);
  const long = world({
    AWS_VAULT_PROFILE_CHAIN: "abcdefgh".replace(/.(?!$)/g, "credential_process/$&,"),
  });
  assert.equal((await refusal(long.deps, "i", "helper"))[0], "bad-config");
  assert.deepEqual([...started, ...long.started], []);
});

Deno.test("runCredentialProcess() does not start aws-vault for the same profile", async () => {
  const { deps, started } = world();
  assert.deepEqual(await refusal(deps, "work", "aws-vault export --format=json work"), [
    "bad-config",
    'Cannot run the credential_process of profile "work": it runs aws-vault for the same profile',
  ]);
  assert.deepEqual(started, []);
});

Deno.test("isOwnCommand() knows the lines that lead back here", () => {
  const platform = memoryPlatform({ executable: "/opt/av" });
  const cases: [string, boolean][] = [
    ["aws-vault export --format=json work", true],
    ["/usr/local/bin/aws-vault --backend file exec -j work", true],
    ["/opt/av export work", true],
    ["aws-vault export --format=json other", false],
    ["aws-vault exec other -- tool export work", false],
    ["AWS_VAULT_BACKEND=file aws-vault export --format=json work 2>/dev/null", true],
    ["aws-vault export --format=json work | jq .", true],
    ["aws-vault export --format=json other | grep work", false],
    ["other-tool export work", false],
    ["aws-vault list work", false],
  ];
  for (const [command, expected] of cases) {
    assert.equal(isOwnCommand({ profile: "work", command }, platform), expected, command);
  }
});

Deno.test("runsThisProgram() sees it in a shell's line, too", () => {
  const platform = memoryPlatform({ executable: "/opt/av" });
  const cases: [string, boolean][] = [
    ["aws-vault export --format=json work", true],
    ["/opt/av export work", true],
    ["sh -c 'cd / && aws-vault export --format=json work'", true],
    ["env A=b /usr/bin/aws-vault export work", true],
    ["aws-vault-helper work", false],
    ["helper --for my-aws-vault", false],
  ];
  for (const [command, expected] of cases) {
    assert.equal(runsThisProgram(command, platform), expected, command);
  }
});
