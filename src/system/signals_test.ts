import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../../tests/home.ts";
import { endBy } from "./signals.ts";

Deno.test("endBy() ends a process that waits for its end", NOT_ON_WINDOWS, async () => {
  const script = `import { endBy } from "${new URL("./signals.ts", import.meta.url)}";
    endBy("SIGQUIT");
    await new Promise(() => {});`;
  const module = `data:application/typescript,${encodeURIComponent(script)}`;
  const args = ["run", "-A", "--no-check", module];
  const { signal, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert.deepEqual([signal, stderr.length], ["SIGQUIT", 0]);
});

Deno.test("endBy() keeps the process until the signal is there", NOT_ON_WINDOWS, () => {
  const { setTimeout } = globalThis;
  const kept: unknown[] = [];
  Object.assign(globalThis, { setTimeout: (_: unknown, ms: number) => kept.push(ms) });
  try {
    // One that does nothing by itself.
    endBy("SIGWINCH");
  } finally {
    Object.assign(globalThis, { setTimeout });
  }
  assert.deepEqual(kept, [5000]);
});
