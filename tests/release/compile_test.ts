/** The compiled form: one file, the same each time, that opens nothing it should not. */

import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { compile } from "../../scripts/compile.ts";
import { basePath, readPins } from "../../scripts/pinned_deno.ts";
import { openScene } from "../../scripts/bench_scene.ts";
import { requireService } from "../services.ts";

const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const target = "x86_64-unknown-linux-gnu";
const service = requireService(
  "a runtime base for Linux",
  Deno.build.target === target && await hasRuntimeBase(),
  "compile once where Deno can download it, or set DENORT_BIN and OFFLINE_DENO",
);

/** Whether nothing has to be downloaded for it. */
async function hasRuntimeBase(): Promise<boolean> {
  if (Deno.env.has("DENORT_BIN")) return true;
  const args = ["info", "--json"];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  const version = Deno.version.deno;
  if (!(await readPins()).has(`denort-${version}-${target}`)) return false;
  return await Deno.stat(basePath(denoDir, version, target)).then(() => true, () => false);
}

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
          stdout: `v${config.version}\n`,
          stderr: "",
        });
      });

      await t.step(
        "it runs in a folder that was deleted, and what it starts does, too",
        async () => {
          const spec = { store: "file, passphrase", profiles: 1, sessions: 0, roles: 0 } as const;
          await using scene = await openScene(program, spec);
          const { env } = scene.subject("export", scene.profile);
          const words = `"${program}" exec "${scene.profile}"`;
          const child = "-- /bin/sh -c '/bin/readlink /proc/self/cwd' 2>/dev/null";
          const gone = `${home}/gone`;
          const script = `set -e; /bin/mkdir ${gone}; cd ${gone}; /bin/rmdir ${gone}
          "${program}" --version; ${words} ${child}; ${words} --server ${child}`;
          const command = new Deno.Command("/bin/sh", {
            args: ["-c", script],
            env,
            clearEnv: true,
          });
          const { stdout, stderr } = await command.output();
          const text = new TextDecoder().decode(stdout);
          const there = `${await Deno.realPath(home)}/gone (deleted)\n`;
          assert.equal(
            text,
            `v${config.version}\n${there}${there}`,
            new TextDecoder().decode(stderr),
          );
        },
      );

      await t.step("a second build is equal, byte for byte", async () => {
        await compile({ target, output: `${home}/again` }, root);
        assert.equal(await digest(`${home}/again`), await digest(program));
      });

      await t.step("it names no folder of the machine that built it", async () => {
        const text = new TextDecoder("latin1").decode(await Deno.readFile(program));
        assert.equal(text.includes(root), false);
        assert.equal(text.includes("aws-vault-compile-"), false);
      });

      await t.step("the runtime copies only the loader into memory at each start", async () => {
        assert((await embeddedBytes(program)) < 32 * 1024);
      });

      await t.step("an upgrade does not change the program that runs", async () => {
        const spec = { store: "file, passphrase", profiles: 1, sessions: 0, roles: 0 } as const;
        await using scene = await openScene(program, spec);
        const running = `${scene.home}/aws-vault`;
        await Deno.link(program, running);
        const { args, env } = scene.subject("export", "--duration=2h", scene.profile);
        const { AWS_VAULT_FILE_PASSPHRASE: passphrase, ...others } = env;
        const upgrade = `/bin/cp /bin/true ${running}.new; /bin/mv ${running}.new ${running}`;
        const helper = ["--passphrase-command", `/bin/sh -c "${upgrade}; echo ${passphrase}"`];
        const { code, stdout, stderr } = await new Deno.Command(running, {
          args: [...helper, ...args],
          env: others,
          clearEnv: true,
        }).output();
        assert.equal(code, 0, new TextDecoder().decode(stderr));
        assert.match(new TextDecoder().decode(stdout), /^AWS_ACCESS_KEY_ID=ASIA/m);
        assert.equal(await digest(running), await digest("/bin/true"));
      });

      await t.step("it opens no file in the temporary folder or its home", async () => {
        const opened = await openedFiles(program, ["--version"], { HOME: home }, home);
        assert.deepEqual(opened.filter((path) => !isOfSystem(path, program)), []);
      });

      await t.step(
        "a cached export opens config, cache, key and record, and nothing else",
        async () => {
          const spec = { store: "file, passphrase", profiles: 3, sessions: 0, roles: 0 } as const;
          await using scene = await openScene(program, spec);
          const { args, env } = scene.subject("export", "--format=json", scene.profile);
          const opened = await openedFiles(program, args, env, home);
          const mine = opened.filter((path) => !isOfSystem(path, program))
            .map((path) => path.replace(env.HOME ?? "", "~"));
          assert.deepEqual([...new Set(mine)].toSorted(), [
            "~/.aws/config",
            "~/.awsvault/keys/oidc:aws-vault-data-key",
            "~/.awsvault/state/sessions.db",
            // What it adds is the line that it was used.
            "~/.awsvault/state/uses.jsonl",
          ]);
        },
      );
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});

/** The length of what `deno compile` has appended to an ELF file, which its last eight bytes give. */
async function embeddedBytes(program: string): Promise<number> {
  const bytes = await Deno.readFile(program);
  return Number(new DataView(bytes.buffer, bytes.length - 8).getBigUint64(0, true));
}

async function digest(path: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(hash).toHex();
}

/** Every path that the program tries to open, present or not. */
async function openedFiles(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  folder: string,
): Promise<string[]> {
  const log = `${folder}/trace`;
  const options = ["-f", "-qq", "-s", "4096", "-e", "trace=open,openat,openat2,creat", "-o", log];
  const { success } = await new Deno.Command("/usr/bin/strace", {
    args: [...options, program, ...args],
    clearEnv: true,
    env: { TMPDIR: `${folder}/tmp`, ...env },
    stdout: "null",
  }).output();
  assert(success);
  return [...(await Deno.readTextFile(log)).matchAll(/open(?:at2?)?\([^"]*"([^"]*)"/g)]
    .map((match) => match[1] ?? "");
}

/** What every program of the runtime opens: itself, libraries, the kernel's view, the time zone. */
function isOfSystem(path: string, program: string): boolean {
  return path === program ||
    // What is temporary may be in memory, below /dev/shm.
    /^\/(proc|sys|dev(?!\/shm\/)|lib|lib64|usr\/lib|usr\/share\/zoneinfo)\//.test(path) ||
    ["/etc/ld.so.cache", "/etc/localtime"].includes(path);
}
