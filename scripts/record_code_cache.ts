/** Records the code cache of a program: by runs of what must start quickly, in homes made for them. */

import { openKernelKeys } from "../src/system/ffi/kernel_keys.ts";
import type { Subject } from "./bench_measure.ts";
import { EXPORT, ROWS } from "./bench_rows.ts";
import { openScene } from "./bench_scene.ts";
import { RECORD_VARIABLE } from "./hot_script.ts";

/** The lines of the bench whose code is kept compiled; the kernel's keys are Linux's. */
const RECORDED: ReadonlySet<string> = Deno.build.os === "linux"
  ? new Set([
    "export, file unlocked",
    "export, keyctl",
    "export, role",
    "completion",
  ])
  : new Set(["export, file passphrase"]);

/** What is not a program, so that `exec` comes back from execve, and the recorder to its end. */
const NO_PROGRAM = "no-program";
const NOT_EXECUTABLE = 126;

/** A machine under load lets V8 do a little more or less in one of some hundred recordings. */
const MOST_RECORDINGS = 5;

/**
 * Runs the recorder, a program that keeps what V8 has compiled, and leaves it in the file `output`: as two
 * recordings have it that agree, so that two builds are equal. Throws when a run fails.
 */
export async function recordCodeCache(recorder: string, output: string): Promise<void> {
  leaveSession();
  await using scenes = new AsyncDisposableStack();
  const runs = await openRuns(recorder, scenes);
  const seen: Uint8Array[] = [];
  while (seen.length < MOST_RECORDINGS) {
    // Every run adds to what the ones before have left.
    for (const { subject, expected } of runs) await record(subject, output, expected);
    const bytes = await Deno.readFile(output);
    if (seen.some((other) => isEqual(other, bytes))) return;
    seen.push(bytes);
    if (seen.length < MOST_RECORDINGS) await Deno.remove(output);
  }
}

/** To a session keyring that others put nothing into: `exec` looks at every key of the one it stands in. */
function leaveSession(): void {
  const kernel = openKernelKeys();
  kernel?.leaveSession([kernel.specialKeyring("user")]);
}

/** What is run for a recording, and the exit code that it ends with. */
interface Run {
  readonly subject: Subject;
  readonly expected: number;
}

/** The runs of a recording, in homes that all recordings share: making them takes longer than the runs. */
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
