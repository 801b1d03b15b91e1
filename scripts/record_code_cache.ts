/** Records the code cache of a program by running what must start quickly, in homes made for it. */

import { openKernelKeys } from "../src/system/ffi/kernel_keys.ts";
import type { Subject } from "./bench_measure.ts";
import { EXPORT, ROWS } from "./bench_rows.ts";
import { openScene } from "./bench_scene.ts";
import { RECORD_VARIABLE } from "./pack.ts";

/** The bench lines whose compiled code is kept; the kernel's keys exist only on Linux. */
const RECORDED: ReadonlySet<string> = Deno.build.os === "linux"
  ? new Set([
    "export, file unlocked",
    "export, keyctl",
    "export, role",
    "completion",
  ])
  : new Set(["export, file passphrase"]);

/**
 * The name of no program, so that execve fails, `exec` returns and the recorder reaches its end.
 */
const NO_PROGRAM = "no-program";
const NOT_EXECUTABLE = 126;

/** Under load V8 does slightly more or less in one of some hundred recordings. */
const MOST_RECORDINGS = 5;

/**
 * Runs the recorder, a program that keeps what V8 has compiled, and writes `output`: the cache on which
 * two recordings agree, so that two builds are equal. Throws if a run fails.
 */
export async function recordCodeCache(recorder: string, output: string): Promise<void> {
  leaveSession();
  await using scenes = new AsyncDisposableStack();
  const runs = await openRuns(recorder, scenes);
  const seen: Uint8Array[] = [];
  while (seen.length < MOST_RECORDINGS) {
    // Each run adds to the result of the runs before it.
    for (const { subject, expected } of runs) await record(subject, output, expected);
    const bytes = await Deno.readFile(output);
    if (seen.some((other) => isEqual(other, bytes))) return;
    seen.push(bytes);
    if (seen.length < MOST_RECORDINGS) await Deno.remove(output);
  }
}

/** Joins a session keyring into which nobody else puts keys: `exec` examines every key of its own. */
function leaveSession(): void {
  const kernel = openKernelKeys();
  kernel?.leaveSession([kernel.specialKeyring("user")]);
}

/** A run for a recording, and its expected exit code. */
interface Run {
  readonly subject: Subject;
  readonly expected: number;
}

/**
 * The runs of a recording, in homes that all recordings share: creating homes takes longer than the
 * runs.
 */
async function openRuns(recorder: string, scenes: AsyncDisposableStack): Promise<Run[]> {
  const runs: Run[] = [];
  for (const row of ROWS.filter(({ row }) => RECORDED.has(row))) {
    const scene = scenes.use(await openScene(recorder, row.scene));
    runs.push({ subject: scene.subject(...row.args(scene.profile)), expected: 0 });
    if (row.args !== EXPORT) continue;
    const program = `${scene.home}/${NO_PROGRAM}`;
    await Deno.writeTextFile(program, "\0", { mode: 0o700 });
    const exec = scene.subject("exec", scene.profile, "--", program);
    runs.push({ subject: exec, expected: NOT_EXECUTABLE });
  }
  return runs;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

async function record(subject: Subject, output: string, expected: number): Promise<void> {
  const { code, stderr } = await new Deno.Command(subject.command, {
    args: [...subject.args],
    env: { ...subject.env, [RECORD_VARIABLE]: output },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
  }).output();
  if (code === expected) return;
  const said = new TextDecoder().decode(stderr).trim();
  throw new Error(`Recording \`${subject.args.join(" ")}\` ended with ${code}: ${said}`);
}
