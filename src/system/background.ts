/** This program once more, in the background. */

import type { BackgroundStart } from "../host.ts";
import { ownProgram } from "./own_program.ts";
import { startFailure } from "./start_failure.ts";

/** Error messages are shorter. */
const MOST_STDERR = 64_000;

/**
 * Starts it in a session of its own (setsid): no terminal, and so no SIGHUP when one closes. Its streams
 * are pipes and not ours: what reads ours (`$(aws-vault serve --background)`) waits for their end.
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

/** What a stream has given up to now. */
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
