/**
 * Runs the tests: `deno task test [FLAGS AND FILES OF deno test]...`, `deno task test-slow …`.
 *
 * Without files the one runs what shows a change while it is made, the other what takes minutes: other
 * programs and keystores, processes that are killed, attacks, builds. CI runs both.
 *
 * Hundreds of processes are started by the suite, and most of what that costs is reading the sources
 * module by module. So what they run is bundled first, as it is for the binary; `deno test` alone runs
 * it from the sources.
 */

import { existsSync } from "node:fs";

/** What tests start as processes; the first one's folder is the root of what is written. */
const PROGRAMS = [
  "main.ts",
  "tests/contract/change_passphrase_process.ts",
  "tests/contract/file_unlock_process.ts",
  "tests/contract/keyring_process.ts",
  "tests/contract/row_opener.ts",
  "tests/crash/faulty_main.ts",
  "tests/process/exec_parent.ts",
  "tests/process/flight_worker.ts",
  "tests/process/migrate_killed_process.ts",
];

/** What `test-slow` runs, and `test` does not. */
const SLOW = [
  "contract",
  "crash",
  "faults",
  "hostile",
  "interop",
  "process",
  "rails",
  "release",
  "sso/browser_test.ts",
  "wine",
].map((name) => `tests/${name}`);

/** Where the bundles are: always there, so that what the runtime caches of them is replaced. */
const FOLDER = "out/tests";

async function bundle(root: string): Promise<boolean> {
  const flags = ["--quiet", "--frozen", "--platform", "deno", "--code-splitting"];
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...flags, "--outdir", FOLDER, ...PROGRAMS],
    cwd: root,
  }).output();
  if (!success) console.error("The sources could not be bundled: the tests start them as they are");
  return success;
}

/**
 * Makes a folder in memory for everything temporary, where that is possible: keys and sessions are
 * written with fsync, and half of the suite's time would be waiting for a disk.
 */
function makeMemoryFolder(): string | undefined {
  if (Deno.build.os !== "linux" || Deno.env.has("TMPDIR")) return undefined;
  // In a container it may be a small one, in which no program may be run.
  const isUsable = /^\S+ \/dev\/shm tmpfs (?!\S*\bnoexec\b)/m.test(
    Deno.readTextFileSync("/proc/mounts"),
  );
  return isUsable ? Deno.makeTempDirSync({ dir: "/dev/shm", prefix: "avt-" }) : undefined;
}

/**
 * How many files of tests run side by side: twice as many as there are processors, since many wait for a
 * process or a service.
 */
function jobs(): string {
  return Deno.env.get("DENO_JOBS") ?? `${2 * navigator.hardwareConcurrency}`;
}

/** The flags and files for `deno test`, where a run names no files of its own. */
function chosen([first, ...others]: readonly string[]): string[] {
  const isSlow = first === "--slow";
  const given = isSlow || first === undefined ? others : [first, ...others];
  if (given.some((word) => existsSync(word))) return given;
  // Beside names of folders Deno 2.9 ignores none but the last folder's.
  return isSlow ? [...given, ...SLOW] : [...given, `--ignore=${SLOW.join()}`];
}

/** Runs `deno test` and gives its exit code; types are for `deno task check`. */
async function test(env: Record<string, string>): Promise<number> {
  const flags = ["--allow-all", "--no-prompt", "--no-check", "--parallel", "--shuffle"];
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", ...flags, ...chosen(Deno.args)],
    env: { ...env, DENO_JOBS: jobs() },
  }).spawn().status;
  return code;
}

async function main(): Promise<number> {
  const root = Deno.realPathSync(new URL("../", import.meta.url));
  const isBundled = await bundle(root);
  const memory = makeMemoryFolder();
  try {
    return await test({
      ...isBundled && { AWS_VAULT_TEST_BUNDLE: `${root}/${FOLDER}` },
      ...memory !== undefined && { TMPDIR: memory },
    });
  } finally {
    if (memory !== undefined) Deno.removeSync(memory, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());
