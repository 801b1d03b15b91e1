import assert from "node:assert/strict";
import { memoryEnv, memoryPlatform } from "../../tests/fakes/memory_host.ts";
import { VaultError } from "../errors.ts";
import { ProgramFailure, type ProgramRequest, type ProgramResult } from "../host.ts";
import { Secret } from "../secret.ts";
import { type MfaRequest, obtainMfaCode } from "./mfa.ts";

const SERIAL = "arn:aws:iam::123456789012:mfa/me";
const REQUEST: MfaRequest = { serial: SERIAL, profile: "work", mayPrompt: true };

/** A person who types the answers, and programs that give the outcomes, both in order and to the last. */
function world(options: {
  answers?: string[];
  outcomes?: (Partial<ProgramResult> | string | ProgramFailure)[];
  env?: Record<string, string>;
} = {}) {
  const { answers, outcomes = [], env = {} } = options;
  const shown: string[] = [];
  const started: ProgramRequest[] = [];
  const deps = {
    env: memoryEnv(env),
    platform: memoryPlatform(),
    terminal: {
      isAvailable: () => Promise.resolve(answers !== undefined),
      write: (text: string) => Promise.resolve(void shown.push(text)),
      dropTyped: () => Promise.resolve(),
      ask(question: string) {
        shown.push(question);
        return Promise.resolve(new Secret(answers?.shift() ?? assert.fail("asked too often")));
      },
    },
    programs: {
      find: (_: string): string | undefined => assert.fail("not expected"),
      replace: () => assert.fail("not expected"),
      attend: () => assert.fail("not expected"),
      run(request: ProgramRequest) {
        started.push(request);
        const outcome = outcomes.shift() ?? assert.fail("started too often");
        if (outcome instanceof ProgramFailure) return Promise.reject(outcome);
        const result = typeof outcome === "string"
          ? { stdout: new TextEncoder().encode(outcome) }
          : outcome;
        return Promise.resolve({ code: 0, stdout: new Uint8Array(), stderr: "", ...result });
      },
    },
  };
  return { deps, shown, started, left: () => [answers ?? [], outcomes] };
}

/** The code and how it came, or the error's code, message and hints. */
async function outcome(of: ReturnType<typeof world>, request: Partial<MfaRequest>) {
  try {
    const { code, mayRepeat } = await obtainMfaCode(of.deps, { ...REQUEST, ...request });
    assert.deepEqual(of.left(), [[], []]);
    return [code.reveal(), mayRepeat ? "typed" : "given"];
  } catch (error) {
    if (error instanceof VaultError) return [error.code, error.message, ...error.hints];
    throw error;
  }
}

Deno.test("obtainMfaCode() takes --mfa-token before all else", async () => {
  const mfaProcess = "never";
  assert.deepEqual(await outcome(world(), { token: "123456", mfaProcess }), ["123456", "given"]);
  assert.deepEqual(await outcome(world(), { token: "12345a" }), [
    "bad-usage",
    "Cannot use the value of --mfa-token: it needs six digits",
  ]);
});

Deno.test("obtainMfaCode() runs mfa_process at the terminal, and before it asks", async () => {
  const env = { PATH: "/bin", AWS_VAULT_FILE_PASSPHRASE: "own secret" };
  const here = world({ outcomes: [" 123456\n"], env, answers: [] });
  const mfaProcess = `op item get "AWS mfa" --otp`;
  assert.deepEqual(await outcome(here, { mfaProcess, mayPrompt: false }), ["123456", "given"]);
  assert.deepEqual(here.started, [{
    command: "op",
    args: ["item", "get", "AWS mfa", "--otp"],
    env: { PATH: "/bin", AWS_VAULT_PROFILE_CHAIN: "mfa_process/work" },
    ownEnv: { AWS_VAULT_FILE_PASSPHRASE: "own secret" },
    terminal: true,
    timeoutMs: 55_000,
  }]);
});

Deno.test("obtainMfaCode() runs a line for the shell by it, without a terminal", async () => {
  const here = world({
    outcomes: ["123456"],
    env: { PATH: "/bin" },
  });
  const mfaProcess = "op item get $ITEM --otp 2>/dev/null | head -1";
  assert.deepEqual(await outcome(here, { mfaProcess }), ["123456", "given"]);
  assert.deepEqual(here.started, [{
    command: "/bin/sh",
    args: ["-c", mfaProcess],
    env: { PATH: "/bin", AWS_VAULT_PROFILE_CHAIN: "mfa_process/work" },
    stderr: "inherit",
    timeoutMs: 55_000,
  }]);
});

Deno.test("obtainMfaCode() says which mfa_process failed, and how", async () => {
  const failed = 'The mfa_process of profile "work" failed: ';
  const cases: [string, Partial<ProgramResult> | string | ProgramFailure, string[]][] = [
    ["op", { code: 3 }, ["helper-failed", `${failed}"op" ended with exit code 3`]],
    ["op", "secret", ["helper-failed", `${failed}its output is not a code of six digits`]],
    ["op", "", ["helper-failed", `${failed}its output is not a code of six digits`]],
    ["op --x", new ProgramFailure("not-found", "…"), [
      "helper-failed",
      `${failed}there is no program "op"`,
    ]],
    ["~/bin/op --secret x", { code: 127 }, [
      "helper-failed",
      `${failed}its line ended with exit code 127`,
    ]],
    ["op", new ProgramFailure("timeout", "…"), [
      "helper-failed",
      `${failed}"op" did not end within 55 s`,
    ]],
  ];
  for (const [mfaProcess, result, expected] of cases) {
    assert.deepEqual(await outcome(world({ outcomes: [result] }), { mfaProcess }), expected);
  }
  assert.deepEqual(await outcome(world(), { mfaProcess: "op 'x" }), [
    "bad-config",
    `Cannot read the mfa_process of profile "work": a quotation mark (') is not closed`,
  ]);
});

Deno.test("obtainMfaCode() asks at the terminal, twice when the first is not a code", async () => {
  const reason = 'Profile "work" needs a code of its MFA device\n';
  const question = `Enter MFA code for ${SERIAL}: `;
  const complaint = "An MFA code needs six digits\n";
  const once = world({ answers: ["123 456"] });
  assert.deepEqual(await outcome(once, {}), ["123456", "typed"]);
  assert.deepEqual(once.shown, [reason, question]);
  const twice = world({ answers: ["12345", "123456"] });
  assert.deepEqual(await outcome(twice, {}), ["123456", "typed"]);
  assert.deepEqual(twice.shown, [reason, question, complaint, question]);
  const never = world({ answers: ["my passphrase", ""] });
  assert.deepEqual(await outcome(never, {}), [
    "bad-usage",
    `Cannot use the MFA code for "${SERIAL}" (profile "work"): it needs six digits`,
  ]);
});

Deno.test("obtainMfaCode() asks by a window where there is a display and no terminal", async () => {
  const here = world({
    outcomes: ["123456"],
    env: { DISPLAY: ":0", LD_LIBRARY_PATH: "/tmp/frozen" },
  });
  here.deps.programs.find =
    ((name: string) => name === "zenity" ? "/bin/zenity" : undefined) as never;
  assert.deepEqual(await outcome(here, {}), ["123456", "typed"]);
  assert.deepEqual(here.started.map(({ command, env }) => [command, env]), [
    ["zenity", { DISPLAY: ":0" }],
  ]);
});

Deno.test("obtainMfaCode() fails at once where nobody can be asked", async () => {
  const cannot = `Cannot ask for the MFA code of "${SERIAL}" (profile "work"): `;
  const hint =
    "Give the code with --mfa-token, or set mfa_process in the profile to a program that prints it";
  assert.deepEqual(await outcome(world(), {}), [
    "needs-person",
    `${cannot}there is no terminal, or this is a background job`,
    hint,
  ]);
  const desktop = world({ env: { DISPLAY: ":0" } });
  const programs = { ...desktop.deps.programs, find: (name: string) => name };
  const named = { ...desktop, deps: { ...desktop.deps, programs } };
  assert.deepEqual(await outcome(named, { driver: "terminal" }), [
    "needs-person",
    `${cannot}there is no terminal, or this is a background job`,
    hint,
    "Choose another way to ask: --prompt=kdialog",
  ]);
  for (const [os, window] of [["windows", "wincredui"], ["darwin", "osascript"]] as const) {
    const elsewhere = world();
    elsewhere.deps.platform = { ...elsewhere.deps.platform, os };
    elsewhere.deps.programs.find = ((name: string) => name) as never;
    const said = await outcome(elsewhere, { driver: "terminal" });
    assert.equal(said.at(-1), `Choose another way to ask: --prompt=${window}`);
  }
  assert.deepEqual(await outcome(world({ answers: ["x"] }), { mayPrompt: false }), [
    "needs-person",
    `${cannot}prompts are turned off (--no-prompt)`,
    hint,
  ]);
});
