import assert from "node:assert/strict";
import { compileArguments } from "./compile_arguments.ts";

const HERE = "x86_64-unknown-linux-gnu";

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
