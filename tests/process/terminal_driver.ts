import assert from "node:assert/strict";
import { requireService, runs } from "../services.ts";
import { denoDir } from "./deno_dir.ts";
import { scriptWords } from "./launch.ts";

/** What the person does when a text has appeared at the terminal. */
export type Step =
  | { readonly expect: string; readonly send: string }
  | { readonly expect: string; readonly signal: Deno.Signal }
  /** The window gets so many rows and columns. */
  | { readonly expect: string; readonly resize: readonly [rows: number, columns: number] }
  /** The window is closed. */
  | { readonly expect: string; readonly close: true };

/** A program at a terminal of its own. */
export interface Scene {
  readonly argv: readonly string[];
  readonly steps?: readonly Step[];
  /** Its standard streams are pipes, and the terminal is only its controlling terminal. */
  readonly pipes?: boolean;
  /** `none`: a session without a terminal. */
  readonly session?: "terminal" | "none";
  /** Of the window; absent: it has none, as that of a serial line. */
  readonly size?: readonly [rows: number, columns: number];
  /** For a machine on which it takes longer than a minute. */
  readonly timeout?: number;
  /** Besides the usual variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What came of it; the code is minus the signal's number for one that a signal killed. */
export interface Outcome {
  readonly terminal: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  /** Whether the terminal's settings are what they were. */
  readonly restored: boolean;
}

/** For `Deno.test`: the driver is a Python program, since nothing in Deno opens a pseudo-terminal. */
export const NEEDS_TERMINAL = Deno.build.os === "windows" ? { ignore: true } : requireService(
  "Python 3.9",
  runs("python3", "-c", "import os; os.waitstatus_to_exitcode"),
  "apt-get install python3",
);

const DRIVER = new URL("terminal_driver.py", import.meta.url).pathname;

/** Plays the scene to its end; fails when a step was never reached. */
export async function play(scene: Scene): Promise<Outcome> {
  return (await playTimed(scene)).outcome;
}

/** The same, and when the text of each step had appeared, in milliseconds of a clock that only goes on. */
export async function playTimed(
  scene: Scene,
): Promise<{ readonly outcome: Outcome; readonly times: readonly number[] }> {
  const env = {
    PATH: Deno.env.get("PATH") ?? "",
    HOME: "/nonexistent",
    TERM: "xterm",
    NO_COLOR: "1",
    ...denoDir(),
    ...scene.env,
  };
  const request = JSON.stringify({ steps: [], ...scene, env });
  const { stdout, stderr, success } = await new Deno.Command("python3", { args: [DRIVER, request] })
    .output();
  assert(success, new TextDecoder().decode(stderr));
  const { left, times, ...outcome } = JSON.parse(new TextDecoder().decode(stdout));
  assert.deepEqual(left, [], JSON.stringify(outcome));
  return { outcome, times };
}

/** How to run a function of ours as a process: the script beside this file, with what to do. */
export function parentProcess(...action: unknown[]): string[] {
  const script = new URL("exec_parent.ts", import.meta.url).pathname;
  return [...scriptWords(script), JSON.stringify(action)];
}
