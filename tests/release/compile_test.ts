/** The compiled form: one file, the same each time, that opens nothing it should not. */

import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { compile } from "../../scripts/compile.ts";
import { requireService } from "../services.ts";

const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const target = "x86_64-unknown-linux-gnu";
const service = requireService(
  "a runtime base for Linux",
  Deno.build.target === target && Deno.env.has("DENORT_BIN") && Deno.env.has("OFFLINE_DENO"),
  "set DENORT_BIN and OFFLINE_DENO",
);

/** Runs a program in an environment of its own, without `PATH`. */
async function run(command: string, args: string[], home: string) {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    clearEnv: true,
    env: { HOME: home, TMPDIR: `${home}/tmp` },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test({
  name: "the compiled program is one file, twice the same, and opens nothing of others",
  ...service,
  async fn(t) {
    const home = await Deno.makeTempDir();
    const program = `${home}/aws-vault`;
    try {
      await Deno.mkdir(`${home}/tmp`);
      await compile({ target, output: program }, root);

      await t.step("it runs without deno and without PATH, and says its version", async () => {
        assert.deepEqual(await run(program, ["--version"], home), {
          code: 0,
          stdout: `${config.version}\n`,
          stderr: "",
        });
      });

      await t.step("a second build is equal, byte for byte", async () => {
        await compile({ target, output: `${home}/again` }, root);
        assert.equal(await digest(`${home}/again`), await digest(program));
      });

      await t.step("it names no folder of the machine that built it", async () => {
        const payload = new TextDecoder("latin1").decode(await payloadOf(program));
        assert.equal(payload.includes(root), false);
        assert.equal(payload.includes("aws-vault-compile-"), false);
      });

      await t.step(
        "it opens no file in the temporary folder, its home or the code cache",
        async () => {
          const opened = await openedFiles(program, home);
          assert.deepEqual(opened.filter((path) => !isOfSystem(path, program)), []);
        },
      );
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});

async function digest(path: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(hash).toHex();
}

/** What `deno compile` has put behind the runtime base. */
async function payloadOf(program: string): Promise<Uint8Array> {
  const base = await Deno.stat(Deno.env.get("DENORT_BIN") ?? "");
  return (await Deno.readFile(program)).subarray(base.size);
}

/** Every path that `--version` tries to open, present or not. */
async function openedFiles(program: string, home: string): Promise<string[]> {
  const log = `${home}/trace`;
  const args = ["-f", "-qq", "-s", "4096", "-e", "trace=open,openat,openat2,creat", "-o", log];
  await run("/usr/bin/strace", [...args, program, "--version"], home);
  return [...(await Deno.readTextFile(log)).matchAll(/open(?:at2?)?\([^"]*"([^"]*)"/g)]
    .map((match) => match[1] ?? "");
}

/** What every program of the runtime opens: itself, libraries, the kernel's view, the time zone. */
function isOfSystem(path: string, program: string): boolean {
  return path === program ||
    /^\/(proc|sys|dev|lib|lib64|usr\/lib|usr\/share\/zoneinfo)\//.test(path) ||
    ["/etc/ld.so.cache", "/etc/localtime"].includes(path);
}
