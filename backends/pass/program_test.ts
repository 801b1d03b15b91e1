import assert from "node:assert/strict";
import { type PassProgramDeps, runPass } from "./program.ts";

Deno.test("runPass() gives pass the system's libraries, not those of a frozen caller", async () => {
  const started: Record<string, string>[] = [];
  const env = { DISPLAY: ":0", LD_LIBRARY_PATH: "/tmp/frozen", LD_LIBRARY_PATH_ORIG: "/opt/lib" };
  const deps = {
    env: { all: () => env, get: (name: string) => (env as Record<string, string>)[name] },
    platform: { os: "linux", pid: 1 },
    files: { readText: () => undefined },
    programs: {
      run: (request: { env: Record<string, string> }) => {
        started.push(request.env);
        return Promise.resolve({ code: 0, stdout: new Uint8Array(), stderr: new Uint8Array() });
      },
    },
  } as unknown as PassProgramDeps;
  const program = {
    backend: "pass",
    command: "pass",
    storeVariable: "PASSWORD_STORE_DIR",
    folder: "/store",
    mayPrompt: true,
  } as const;
  await runPass(deps, program, { doing: "read", args: ["show", "work"] });
  assert.deepEqual(started.map((given) => given["LD_LIBRARY_PATH"]), ["/opt/lib"]);
});
