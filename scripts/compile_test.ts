import assert from "node:assert/strict";
import { explain } from "./compile.ts";
import { sourceFiles } from "./staged_source.ts";

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
