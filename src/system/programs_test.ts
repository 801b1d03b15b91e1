import assert from "node:assert/strict";
import { writeProgram } from "../../tests/services/write_program.ts";
import { ProgramFailure, type ProgramRequest } from "../host.ts";
import { openLibc } from "./ffi/libc.ts";
import { findProgram } from "./program_path.ts";
import { systemPrograms } from "./programs.ts";

// Stays open until the process ends, and so must not be opened inside a test.
openLibc();

const NOT_ON_WINDOWS = { ignore: Deno.build.os === "windows" };
const PATH = Deno.env.get("PATH") ?? "";

/** Runs a script of sh, and gives its output as text. */
async function shell(script: string, request: Partial<ProgramRequest> = {}) {
  const started = { command: "sh", args: ["-c", script], env: { PATH } };
  const result = await systemPrograms().run({ ...started, ...request });
  return { ...result, stdout: new TextDecoder().decode(result.stdout) };
}

Deno.test("run() gives what the program wrote and how it ended", NOT_ON_WINDOWS, async () => {
  assert.deepEqual(await shell("cat; echo complaint >&2; exit 3"), {
    code: 3,
    stdout: "",
    stderr: "complaint\n",
  });
  assert.deepEqual(await shell("cat", { stdin: "ä secret" }), {
    code: 0,
    stdout: "ä secret",
    stderr: "",
  });
});

Deno.test("run() does not mind a program that does not read", NOT_ON_WINDOWS, async () => {
  const stdin = new Uint8Array(1 << 20);
  assert.deepEqual(await shell("exit 5", { stdin }), { code: 5, stdout: "", stderr: "" });
});

Deno.test("run() gives the program exactly the environment", NOT_ON_WINDOWS, async () => {
  const { stdout } = await shell("env", { env: { PATH, ONLY: "this" } });
  const ours = stdout.split("\n").filter((line) => !/^(PWD|_|SHLVL|OLDPWD)=/.test(line));
  // On Linux with a mark by which what it starts is found.
  const given = ours.filter((line) =>
    line !== "" && !/^AWS_VAULT_HELPER_MARK=[-0-9a-f]{36}$/.test(line)
  );
  assert.deepEqual(given.sort(), ["ONLY=this", `PATH=${PATH}`]);
});

Deno.test(
  "run() kills what takes too long, and does not wait for its heirs",
  NOT_ON_WINDOWS,
  async () => {
    const start = performance.now();
    await assert.rejects(shell("sleep 30 & exec sleep 30", { timeoutMs: 100 }), (error) => {
      assert(error instanceof ProgramFailure);
      assert.deepEqual([error.kind, error.message], ["timeout", '"sh" did not end within 0.1 s']);
      return true;
    });
    assert(performance.now() - start < 20_000);
  },
);

Deno.test("run() says when there is no such program", async () => {
  await assert.rejects(
    systemPrograms().run({ command: "no-such-program", args: ["secret"], env: { PATH } }),
    (error) => {
      assert(error instanceof ProgramFailure);
      assert.deepEqual([error.kind, error.message], [
        "not-found",
        'Cannot start "no-such-program": there is no such program',
      ]);
      return true;
    },
  );
});

Deno.test(
  "findProgram() passes over folders and what cannot be executed",
  NOT_ON_WINDOWS,
  async () => {
    const root = await Deno.makeTempDir();
    try {
      await Deno.mkdir(`${root}/a/tool`, { recursive: true });
      await Deno.mkdir(`${root}/b`);
      await Deno.mkdir(`${root}/c`);
      await Deno.writeTextFile(`${root}/b/tool`, "", { mode: 0o600 });
      writeProgram(`${root}/c/tool`, "", 0o700);
      const env = { PATH: `:${root}/a:${root}/missing:${root}/b:${root}/c` };
      assert.equal(findProgram("tool", env), `${root}/c/tool`);
      assert.equal(findProgram("tool", { PATH: `${root}/a:${root}/b` }), undefined);
      assert.equal(findProgram(`${root}/b/tool`, env), `${root}/b/tool`);
      assert.equal(findProgram(`${root}/missing`, env), undefined);
      assert.equal(findProgram("", env), undefined);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
);
