/**
 * Runs the tests: `deno task test [FLAGS AND FILES OF deno test]...`, `deno task test-slow …`.
 *
 * Without files, `test` runs what is useful while changing code; `test-slow` runs what takes minutes:
 * other programs and keystores, killed processes, attacks, builds. CI runs both.
 *
 * The suite starts hundreds of processes, and most of their cost is reading the sources module by
 * module. So the programs are bundled first, as for the binary; `deno test` alone runs them from the
 * sources.
 */

import { existsSync } from "node:fs";

/** Programs that tests start; the first one's folder is the root of the output. */
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

/** What `test-slow` runs, but not `test`. */
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

/**
 * The folder of the bundles, always the same, so that the runtime replaces what it caches of them.
 */
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
 * Creates an in-memory folder for all temporary files, if possible: keys and sessions are written
 * with fsync, so half of the suite's time would be spent waiting for a disk.
 */
function makeMemoryFolder(): string | undefined {
  if (Deno.build.os !== "linux" || Deno.env.has("TMPDIR")) return undefined;
  // In a container it can be a small one that does not allow programs to run.
  const isUsable = /^\S+ \/dev\/shm tmpfs (?!\S*\bnoexec\b)/m.test(
    Deno.readTextFileSync("/proc/mounts"),
  );
  return isUsable ? Deno.makeTempDirSync({ dir: "/dev/shm", prefix: "avt-" }) : undefined;
}

/**
 * How many test files run side by side: twice the number of processors, since many wait for a process or
 * a service.
 */
function jobs(): string {
  return Deno.env.get("DENO_JOBS") ?? `${2 * navigator.hardwareConcurrency}`;
}

/** The flags and files for `deno test`, if a run names no files. */
function chosen([first, ...others]: readonly string[]): string[] {
  const isSlow = first === "--slow";
  const given = isSlow || first === undefined ? others : [first, ...others];
  if (given.some((word) => existsSync(word))) return given;
  // If folders are named, too, Deno 2.9 ignores only files in the last folder.
  return isSlow ? [...given, ...SLOW] : [...given, `--ignore=${SLOW.join()}`];
}

/** Runs `deno test` and returns its exit code; `deno task check` checks the types. */
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
