import assert from "node:assert/strict";
import { memoryEnv, memoryPlatform } from "../../tests/fakes/memory_host.ts";
import { VaultError } from "../errors.ts";
import type { Platform, ProgramRequest } from "../host.ts";
import {
  type ExternalDriver,
  isExternal,
  parsePromptDriver,
  PROMPT_DRIVERS,
} from "./driver_names.ts";
import { obtainCodeFrom } from "./external.ts";

const SERIAL = "arn:aws:iam::123456789012:mfa/me";
const QUESTION = { serial: SERIAL, profile: "a<b>&c" };
const OTHER_WAYS = "Give the code with --mfa-token, or choose another --prompt: " +
  "terminal, totp, kdialog, ykman, zenity, pass, op";
const TEXT = `Profile "a<b>&c" needs a code of its MFA device\nEnter MFA code for ${SERIAL}: `;

/** Programs that end as given, and what they were started with. */
function world(result: { code?: number; output?: string }, env: Record<string, string> = {}) {
  const started: unknown[] = [];
  const shown: string[] = [];
  const unused = () => assert.fail("not expected");
  const deps = {
    env: memoryEnv(env),
    platform: memoryPlatform(),
    terminal: {
      isAvailable: () => Promise.resolve(true),
      write: (text: string) => Promise.resolve(void shown.push(text)),
      ask: unused,
      dropTyped: unused,
    },
    programs: {
      find: unused,
      replace: unused,
      attend: unused,
      run({ command, args, stdin }: ProgramRequest) {
        started.push(stdin === undefined ? [command, ...args] : [command, ...args, { stdin }]);
        const stdout = new TextEncoder().encode(result.output ?? "");
        return Promise.resolve({ code: result.code ?? 0, stdout, stderr: "" });
      },
    },
  };
  return { deps, started, shown };
}

Deno.test("obtainCodeFrom() calls each program as it wants to be called", async () => {
  const marked = TEXT.replace("a<b>&c", "a&lt;b&gt;&amp;c");
  const cases: [ExternalDriver, Record<string, string>, string[]][] = [
    ["zenity", {}, ["zenity", "--entry", "--title", "aws-vault", "--text", marked]],
    ["kdialog", {}, ["kdialog", "--inputbox", TEXT, "--title", "aws-vault"]],
    ["op", {}, ["op", "item", "get", SERIAL, "--otp"]],
    ["op", { OP_OATH_ITEM: "AWS" }, ["op", "item", "get", "AWS", "--otp"]],
    ["ykman", {}, ["ykman", "oath", "accounts", "code", "--single", SERIAL]],
    [
      "ykman",
      {
        AWS_VAULT_YKMAN_VERSION: "3",
        YKMAN_OATH_DEVICE_SERIAL: "42",
        YKMAN_OATH_CREDENTIAL_NAME: "aws",
      },
      ["ykman", "--device", "42", "oath", "code", "--single", "aws"],
    ],
    ["pass", {}, ["pass", "otp", SERIAL]],
    ["pass", { PASS_OATH_CREDENTIAL_NAME: "aws/otp" }, ["pass", "otp", "aws/otp"]],
  ];
  for (const [driver, env, expected] of cases) {
    const { deps, started } = world({ output: "123456\n" }, env);
    assert.equal((await obtainCodeFrom(deps, driver, QUESTION)).code.reveal(), "123456");
    assert.deepEqual(started, [expected]);
  }
});

Deno.test("obtainCodeFrom() keeps the question out of scripts", async () => {
  for (const driver of ["osascript", "wincredui"] as const) {
    const { deps, started } = world({ output: "123456" });
    await obtainCodeFrom(deps, driver, QUESTION);
    const words = started.flat() as unknown[];
    assert.deepEqual(words.at(-1), driver === "osascript" ? TEXT : { stdin: TEXT });
    assert(!JSON.stringify(words.slice(0, -1)).includes("a<b>"));
  }
});

Deno.test("obtainCodeFrom() asks for the touch of a YubiKey at the terminal", async () => {
  const { deps, shown } = world({ output: "123456" });
  await obtainCodeFrom(deps, "ykman", QUESTION);
  assert.deepEqual(shown, ["Touch your YubiKey if it blinks\n"]);
});

Deno.test("obtainCodeFrom() distinguishes a dismissed window from a failure", async () => {
  const failure = async (
    driver: ExternalDriver,
    result: Parameters<typeof world>[0],
  ) => {
    const error = await obtainCodeFrom(world(result).deps, driver, QUESTION).catch((error) =>
      error
    );
    assert(error instanceof VaultError);
    return [error.code, error.message, ...error.hints];
  };
  assert.deepEqual(await failure("zenity", { code: 1 }), [
    "interrupted",
    "The prompt of zenity was dismissed",
  ]);
  assert.deepEqual(await failure("ykman", { code: 1 }), [
    "helper-failed",
    "Cannot get an MFA code with ykman: it ended with exit code 1",
    OTHER_WAYS,
  ]);
  assert.deepEqual(await failure("pass", { output: "secret" }), [
    "helper-failed",
    "Cannot get an MFA code with pass: it did not give a code of six digits",
    OTHER_WAYS,
  ]);
});

Deno.test("obtainCodeFrom() that fails names the prompts that this system has", async () => {
  const named = async (os: Platform["os"]) => {
    const deps = { ...world({ code: 2 }).deps, platform: memoryPlatform({ os }) };
    const error = await obtainCodeFrom(deps, "op", QUESTION).catch((error) => error);
    assert(error instanceof VaultError);
    return error.hints.map((hint) => hint.replace(/.*: /, ""));
  };
  assert.deepEqual(await named("windows"), ["terminal, totp, wincredui, ykman, op"]);
  assert.deepEqual(await named("darwin"), ["terminal, totp, osascript, ykman, pass, op"]);
});

Deno.test("obtainCodeFrom() says which codes a person typed: those of windows", async () => {
  const { deps } = world({ output: "123456" });
  const external = PROMPT_DRIVERS.filter(isExternal);
  const typed = await Promise.all(
    external.map(async (driver) => (await obtainCodeFrom(deps, driver, QUESTION)).mayRepeat),
  );
  assert.deepEqual(external.filter((_, i) => !typed[i]), ["ykman", "pass", "op"]);
});

Deno.test("parsePromptDriver() knows the names, and lists them for an unknown one", () => {
  assert.deepEqual(PROMPT_DRIVERS.map(parsePromptDriver), [...PROMPT_DRIVERS]);
  assert.throws(() => parsePromptDriver("carrier pigeon"), (error) => {
    assert(error instanceof VaultError);
    assert.deepEqual([error.code, error.message, error.hints], [
      "bad-usage",
      'There is no prompt named "carrier pigeon"',
      [
        "Use one of: terminal, totp, kdialog (Linux), osascript (macOS), wincredui (Windows), ykman, zenity (Linux), pass (Linux, macOS), op",
      ],
    ]);
    return true;
  });
});
