/** Running one command of a story: in a session of its own, with or without a terminal. */

import { spawn } from "../services/spawn.ts";
import { type ShellName, startOf } from "./shells.ts";
import type { Keystroke } from "./story.ts";

/** What a command left. */
export interface Finished {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the terminal showed; empty without one. */
  readonly tty: string;
  /** What was not typed, since what it waits for never appeared. */
  readonly unused: readonly Keystroke[];
}

export interface CommandRequest {
  /** The line. */
  readonly shell: string;
  readonly by: ShellName;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Absent: no terminal, not even the one of the person who runs the tests. */
  readonly terminal: readonly Keystroke[] | undefined;
}

/** A guard against a program that hangs, not a measure of anything. */
const DEADLINE_MS = 90_000;

/** Runs a line of the shell to its end. */
export async function runCommand(request: CommandRequest): Promise<Finished> {
  const { program, args, env, isRaw } = startOf(request.by, request.shell);
  const command = [program, ...args];
  if (request.terminal === undefined) {
    const here = { ...request, env: { ...request.env, ...env } };
    return { ...await run(command, here, "", isRaw), tty: "", unused: [] };
  }
  const script = new URL("terminal.py", import.meta.url).pathname;
  const order = JSON.stringify({ command, keys: request.terminal });
  const driver = await run(["python3", script], request, order);
  if (driver.exit !== 0) throw new Error(`the terminal's driver failed: ${driver.stderr}`);
  return JSON.parse(driver.stdout) as Finished;
}

async function run(
  [program = "", ...args]: readonly string[],
  { cwd, env }: CommandRequest,
  stdin: string,
  isRaw = false,
): Promise<Omit<Finished, "tty" | "unused">> {
  const child = spawn(program, {
    args: [...args],
    cwd,
    env,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // A session of its own (setsid): `/dev/tty` would be the terminal of the person who runs the
    // tests.
    detached: true,
    windowsRawArguments: isRaw,
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  return { exit: code, stdout: textOf(stdout), stderr: textOf(stderr) };
}

/** Shells of Windows end lines with CR LF; the program does not. */
function textOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return Deno.build.os === "windows" ? text.replaceAll("\r\n", "\n") : text;
}
