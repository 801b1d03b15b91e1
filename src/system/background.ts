/** This program once more, in the background. */

import type { BackgroundStart } from "../host.ts";
import { ownProgram } from "./own_program.ts";
import { startFailure } from "./start_failure.ts";

/** Longer than any error message. */
const MOST_STDERR = 64_000;

/**
 * Starts the program in a new POSIX session (setsid): no terminal, and so no SIGHUP when one closes. Its
 * streams are pipes, not ours: a reader of ours (`$(aws-vault serve --background)`) waits for their end.
 */
export async function startInBackground(args: readonly string[]): Promise<BackgroundStart> {
  const [path, ...before] = ownProgram();
  const child = start(path!, [...before, ...args]);
  const stderr = new Gathered(child.stderr);
  const line = await firstLine(child.stdout);
  if (line === undefined) {
    const { code } = await child.status;
    await stderr.ended;
    return { line, stderr: stderr.text, code };
  }
  child.unref();
  return { line, stderr: stderr.text, code: undefined };
}

function start(path: string, args: readonly string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(path, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
  } catch (error) {
    throw startFailure(path, error);
  }
}

async function firstLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = "";;) {
    const { done, value } = await reader.read();
    if (done) return undefined;
    text += value;
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
}

/** The output of a stream so far. */
class Gathered {
  text = "";
  readonly ended: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.ended = this.#gather(stream);
  }

  async #gather(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      if (this.text.length < MOST_STDERR) this.text += chunk;
    }
  }
}
