import assert from "node:assert/strict";
import { scriptWords } from "../process/launch.ts";
import { firstLine } from "../services/program_output.ts";
import { spawn } from "../services/spawn.ts";
import { KILLED_CODE } from "./kill_at_step.ts";

/**
 * Runs a script (its words, or its path) in as many processes as there are lists of arguments, and says how each ended:
 * `exit 0` or `SIGKILL`.
 *
 * They begin together: each says `ready`, and waits for the end of its standard input.
 */
export async function runTogether(
  script: string | readonly string[],
  argLists: readonly (readonly string[])[],
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const [deno = "", ...words] = typeof script === "string" ? scriptWords(script) : script;
  const children = argLists.map((args) =>
    spawn(deno, {
      args: [...words, ...args],
      env: { ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    })
  );
  await Promise.all(children.map((child) => untilReady(child)));
  await Promise.all(children.map((child) => child.stdin.close()));
  const ends = await Promise.all(children.map((child) => child.status));
  return ends.map(({ signal, code }) => signal ?? (wasKilled(code) ? "SIGKILL" : `exit ${code}`));
}

function wasKilled(code: number): boolean {
  return Deno.build.os === "windows" && code === KILLED_CODE;
}

/** The other side of {@linkcode runTogether}. */
export async function waitForTheOthers(): Promise<void> {
  console.log("ready");
  for await (const _ of Deno.stdin.readable);
}

/** Waits for the first line of a process, and discards the output after it. */
async function untilReady(child: Deno.ChildProcess): Promise<void> {
  assert.equal(await firstLine(child.stdout), "ready", "the process could not begin");
}
