/** Attacks by another program of the same user that looks into this process's memory. */

import assert from "node:assert/strict";
import { denoDir } from "../process/deno_dir.ts";

const ONLY_ON_LINUX = {
  ignore: Deno.build.os !== "linux" || !["x86_64", "aarch64"].includes(Deno.build.arch),
};

/** What prctl(PR_GET_DUMPABLE) says before and after something is done. */
const SCRIPT = (body: string) =>
  `const { symbols } = Deno.dlopen(
     Deno.build.arch && ["libc.so.6", "libc.musl-" + Deno.build.arch + ".so.1"]
       .find((name) => { try { Deno.dlopen(name, {}).close(); return true; } catch { return false; } }),
     { prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" } });
   const dumpable = () => symbols.prctl(3, 0n, 0n, 0n, 0n);
   const before = dumpable();
   ${body}
   console.log(JSON.stringify([before, dumpable()]));`;

async function dumpable(body: string, env: Record<string, string> = {}): Promise<unknown> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", SCRIPT(body)],
    env: { ...denoDir(), ...env },
  }).output();
  const said = new TextDecoder().decode(stdout);
  assert.notEqual(said, "", new TextDecoder().decode(stderr));
  return JSON.parse(said);
}

const module = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);

for (const backend of ["file", "pass", "passage", "keyctl", "secret-service", "kwallet"]) {
  Deno.test(
    `memory is closed before there is a secret in it: ${backend}`,
    ONLY_ON_LINUX,
    async () => {
      // Nobody's store is opened: that comes after, and fails.
      const words = ["export", "--no-session", "--no-prompt", `--backend=${backend}`, "nobody"];
      const env = { HOME: "/nowhere", DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" };
      const program = `const { run } = await import(${module("cli/run.ts")});
      const { systemHost } = await import(${module("system/host.ts")});
      const { BACKENDS } = await import(${module("../backends/mod.ts")});
      const host = { ...systemHost(), stderr: { write() {}, isTerminal: () => false } };
      await run(${JSON.stringify(words)}, host, BACKENDS);`;
      assert.deepEqual(await dumpable(program, env), [1, 0]);
    },
  );
}

Deno.test("memory is left alone where no keystore is opened", ONLY_ON_LINUX, async () => {
  const program = `const { systemHost } = await import(${module("system/host.ts")}); systemHost();`;
  assert.deepEqual(await dumpable(program), [1, 1]);
});

Deno.test("what this process starts is as open as always", ONLY_ON_LINUX, async () => {
  const inner = `new Deno.Command(Deno.execPath(), { args: ["eval", ${
    JSON.stringify(SCRIPT(""))
  }], stdout: "piped" }).outputSync()`;
  const guard = `const { guardMemory } = await import(${module("system/ffi/memory_guard.ts")});` +
    `guardMemory(); const { stdout } = ${inner};` +
    `if (new TextDecoder().decode(stdout) !== "[1,1]\\n") throw new Error("not open");`;
  assert.deepEqual(await dumpable(guard), [1, 0]);
});
