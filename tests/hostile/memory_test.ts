/** Attacks by another program of the same user that looks into this process's memory. */

import assert from "node:assert/strict";

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

async function dumpable(body: string): Promise<unknown> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", SCRIPT(body)],
  }).output();
  const said = new TextDecoder().decode(stdout);
  assert.notEqual(said, "", new TextDecoder().decode(stderr));
  return JSON.parse(said);
}

const module = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);

Deno.test("memory is closed once a keystore or the network is used", ONLY_ON_LINUX, async () => {
  const native = `const { systemNative } = await import(${module("system/native.ts")});`;
  assert.deepEqual(await dumpable(`${native} await systemNative().kernelKeys();`), [1, 0]);
  assert.deepEqual(await dumpable(`${native} await systemNative().dbus();`), [1, 0]);
  const request = `{ method: "GET", url: "http://127.0.0.1:1/", headers: {}, timeoutMs: 1000 }`;
  const http = `const { systemHttp } = await import(${module("system/http.ts")});` +
    `await systemHttp().send(${request}).catch(() => {});`;
  assert.deepEqual(await dumpable(http), [1, 0]);
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
