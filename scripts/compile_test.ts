import assert from "node:assert/strict";
import { compileArguments, explain, planBuilds } from "./compile.ts";
import { sourceFiles } from "./staged_source.ts";

const HERE = "x86_64-unknown-linux-gnu";

Deno.test("planBuilds() makes one binary a target, this platform's by default", () => {
  assert.deepEqual(planBuilds([], HERE), [
    { target: HERE, output: `dist/${HERE}/aws-vault` },
  ]);
  assert.deepEqual(
    planBuilds(["--target", "aarch64-apple-darwin", "--target=x86_64-pc-windows-msvc"], HERE),
    [
      { target: "aarch64-apple-darwin", output: "dist/aarch64-apple-darwin/aws-vault" },
      { target: "x86_64-pc-windows-msvc", output: "dist/x86_64-pc-windows-msvc/aws-vault.exe" },
    ],
  );
  assert.deepEqual(planBuilds(["--output", "out/aws-vault"], HERE), [
    { target: HERE, output: "out/aws-vault" },
  ]);
  assert.equal(planBuilds(["--all"], HERE).length, 6);
});

Deno.test("planBuilds() refuses what it cannot understand", () => {
  const refused = (...args: string[]) => {
    let message = "";
    assert.throws(() => planBuilds(args, HERE), (error: Error) => {
      message = error.message.split("\n")[0] ?? "";
      return true;
    });
    return message;
  };
  assert.equal(refused("--target", "riscv64"), `Unknown target "riscv64"`);
  assert.equal(refused("--target"), "--target needs a value");
  assert.equal(refused("--all", "--output", "x"), "--output is for one target");
  assert.equal(refused("--fast"), `Cannot understand "--fast"`);
});

Deno.test("compileArguments() grants everything, asks nothing and leaves no code cache", () => {
  assert.deepEqual(compileArguments({ target: HERE, output: "out/aws-vault" }, ["hot.txt"]), [
    "compile",
    "--v8-flags=--min-semi-space-size=2,--semi-space-growth-factor=1,--memory-saver-mode,--invocation-count-for-feedback-allocation=30,--invocation-count-for-maglev=1500,--no-concurrent-marking,--no-concurrent-recompilation,--no-sparkplug,--no-opt,--expose-gc",
    "--quiet",
    "--allow-all",
    "--no-prompt",
    "--no-code-cache",
    "--no-check",
    "--cached-only",
    "--target",
    HERE,
    "--output",
    "out/aws-vault",
    "--include",
    "hot.txt",
    "main.js",
  ]);
});

Deno.test("explain() says what to do with an old Deno", () => {
  const target = "error: invalid value 'aarch64-pc-windows-msvc' for '--target <target>'";
  assert.equal(
    explain(`${target}\nStack backtrace:\n   0: <unknown>`, "aarch64-pc-windows-msvc"),
    `Cannot compile for aarch64-pc-windows-msvc\n${target}\n` +
      "hint: This release of Deno does not compile for it: use Deno 2.9 or later",
  );
});

Deno.test("sourceFiles() names the program's own modules and nothing else", () => {
  const graph = {
    modules: [
      { local: "/project/src/text.ts" },
      { local: "/project/main.ts" },
      { local: "/elsewhere/cache.ts" },
      {},
    ],
  };
  assert.deepEqual(sourceFiles(graph, "/project"), [
    "deno.json",
    "deno.lock",
    "main.ts",
    "src/text.ts",
  ]);
  assert.throws(
    () => sourceFiles({ modules: [{ error: "Module not found" }] }, "/project"),
    /Cannot resolve the program's imports: Module not found/,
  );
});
