import type { Companion } from "../host.ts";
import { ownProgram } from "./own_program.ts";
import { readEnvironment, wellFormed } from "./process_environment.ts";
import { startFailure } from "./start_failure.ts";

/**
 * Starts this program once more, behind a prefix (`sudo --`), and waits for its first line.
 *
 * Its standard input is a pipe that nobody else has, and that closes when this process ends in any way.
 */
export async function startCompanion(
  before: readonly string[],
  own: readonly string[],
): Promise<Companion> {
  const [program = "", ...args] = [...before, ...ownProgram(), ...own];
  const child = start(program, args);
  const line = await firstLine(child.stdout);
  let isClosing = false;
  return {
    line,
    ended: child.status.then(({ code }) => ({ code, isClosed: isClosing })),
    async close() {
      isClosing = true;
      await child.stdin.close().catch(() => {});
      await child.status;
    },
  };
}

function start(program: string, args: readonly string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      clearEnv: true,
      env: wellFormed(environment()),
    }).spawn();
  } catch (error) {
    throw startFailure(program, error);
  }
}

/** What sudo needs to ask for a password, and none of our secrets: the companion has more rights. */
function environment(): Record<string, string> {
  const all = readEnvironment();
  const names = ["PATH", "HOME", "TERM", "LANG", "DISPLAY", "SUDO_ASKPASS", "DENO_DIR"];
  return Object.fromEntries(
    names.flatMap((name) => all[name] === undefined ? [] : [[name, all[name]]]),
  );
}

/** Its first line, or `undefined` if it ended without one. It prints nothing more, so no more is read. */
async function firstLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string | undefined> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = "";;) {
    const { done, value } = await reader.read();
    if (done) return undefined;
    text += value;
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
}
