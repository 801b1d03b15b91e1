/**
 * Named pipes between programs of one user, in place of Unix sockets: one line in, one line out.
 *
 * Every program can make a pipe under any free name. So the name is random, and is stored in a file in
 * place of the socket, in a folder that belongs to the user; the pipe admits only this user; and each
 * side checks the user of the process at the other end before it writes or reads anything.
 */

import { VaultError } from "../errors.ts";
import type { LocalListener } from "../local_sockets.ts";
import { quote } from "../text.ts";
import type { NamedPipes, PipeEnd } from "./ffi/named_pipe.ts";
import { failureReason, isMissing } from "./file_failure.ts";

/** Far longer than any of our requests and answers. */
const LONGEST_LINE = 65_536;
/** How long a peer may take to send its line or to read the answer. */
const PATIENCE_MS = 10_000;
/** The interval at which the pipe is polled for data. */
const LOOK_AGAIN_MS = 15;
/** The number of ends that wait for clients, so that several can connect at once. */
const WAITING_ENDS = 4;

const NAME = /^\\\\\.\\pipe\\aws-vault-[0-9a-f]{32}$/;

/** Answers lines at a pipe whose name is written to a path (`LocalSockets.listen`). */
export async function listenAtPipe(
  path: string,
  answer: (line: string) => Promise<string>,
): Promise<LocalListener> {
  const pipes = (await import("./ffi/named_pipe.ts")).openNamedPipes();
  const name = `\\\\.\\pipe\\aws-vault-${crypto.getRandomValues(new Uint8Array(16)).toHex()}`;
  const first = pipes.listen(name, { isFirst: true });
  if (first === undefined) {
    throw new VaultError("file-failed", "Cannot create a named pipe for this user only");
  }
  writeName(path, name);
  const server = new PipeServer(pipes, name, answer);
  server.start(first);
  return {
    isThere: () => readName(path) === name,
    async close() {
      await server.close();
      if (readName(path) === name) Deno.removeSync(path);
    },
  };
}

function writeName(path: string, name: string): void {
  try {
    Deno.writeTextFileSync(path, name, { createNew: true });
  } catch (cause) {
    const message = `Cannot create ${quote(path)}: ${failureReason(cause)}`;
    throw new VaultError("file-failed", message, { cause });
  }
}

/** The pipe's name in a file; `undefined` if the file is missing or holds anything else. */
function readName(path: string): string | undefined {
  try {
    const found = Deno.lstatSync(path);
    if (!found.isFile || found.size > 200) throw unsafe(path);
    const name = Deno.readTextFileSync(path);
    if (!NAME.test(name)) throw unsafe(path);
    return name;
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    if (cause instanceof VaultError) throw cause;
    const message = `Cannot read ${quote(path)}: ${failureReason(cause)}`;
    throw new VaultError("file-failed", message, { cause });
  }
}

function unsafe(path: string): VaultError {
  const message = `Cannot use ${quote(path)}: it does not name a pipe of aws-vault`;
  return new VaultError("unsafe-file", message, {
    hints: ["aws-vault does not create such a thing: find out who put it there, and remove it"],
  });
}

class PipeServer {
  readonly #pipes: NamedPipes;
  readonly #name: string;
  readonly #answer: (line: string) => Promise<string>;
  readonly #waiting: PipeEnd[] = [];
  readonly #pending = new Set<Promise<void>>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(pipes: NamedPipes, name: string, answer: (line: string) => Promise<string>) {
    this.#pipes = pipes;
    this.#name = name;
    this.#answer = answer;
  }

  start(first: PipeEnd): void {
    this.#waiting.push(first);
    this.#fill();
    this.#timer = setInterval(() => this.#look(), LOOK_AGAIN_MS);
  }

  #fill(): void {
    while (this.#waiting.length < WAITING_ENDS) {
      const end = this.#pipes.listen(this.#name, { isFirst: false });
      if (end === undefined) return;
      this.#waiting.push(end);
    }
  }

  #look(): void {
    const connected = this.#waiting.filter((end) => end.available() !== undefined);
    for (const end of connected) {
      this.#waiting.splice(this.#waiting.indexOf(end), 1);
      const exchange = serve(end, this.#answer).finally(() => this.#pending.delete(exchange));
      this.#pending.add(exchange);
    }
    this.#fill();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const end of this.#waiting) end.close();
    await Promise.all(this.#pending);
  }
}

async function serve(end: PipeEnd, answer: (line: string) => Promise<string>): Promise<void> {
  try {
    // Nothing is sent to or read from another user's program.
    if (!end.isOwn()) return;
    const line = await readLine(end, PATIENCE_MS);
    if (line === undefined) return;
    end.write(encodeLine(await answer(line)));
    // Closing this end would discard what the client has not read yet.
    await until(() => end.available() === undefined, PATIENCE_MS);
  } finally {
    end.close();
  }
}

/** Sends a line to the pipe that a path names, and returns the answer (`LocalSockets.ask`). */
export async function askPipeAt(
  path: string,
  line: string,
  timeoutMs: number,
): Promise<string | undefined> {
  const name = readName(path);
  if (name === undefined) return undefined;
  const pipes = (await import("./ffi/named_pipe.ts")).openNamedPipes();
  const start = performance.now();
  const end = await connect(pipes, name, timeoutMs);
  if (end === undefined) return undefined;
  try {
    if (!end.isOwn()) {
      const message = `Cannot use the pipe ${quote(path)}: a program of another user listens there`;
      throw new VaultError("unsafe-file", message);
    }
    end.write(encodeLine(line));
    const answer = await readLine(end, timeoutMs);
    // A server that is just ending accepts connections that it never answers.
    if (answer !== undefined || performance.now() - start < timeoutMs) return answer;
  } finally {
    end.close();
  }
  throw new VaultError("wait-timeout", `The server at ${quote(path)} gave no answer in time`);
}

/** Connects to the pipe; `undefined` if nobody listens: the name that a killed server left leads nowhere. */
async function connect(
  pipes: NamedPipes,
  name: string,
  timeoutMs: number,
): Promise<PipeEnd | undefined> {
  const start = performance.now();
  while (performance.now() - start < timeoutMs) {
    const end = pipes.connect(name);
    if (end !== undefined) return end;
    // All ends may be in use for a moment.
    if (!await pipes.waitFor(name)) return pipes.connect(name);
  }
  throw new VaultError("wait-timeout", "The server's pipe was not free in time");
}

/** The first line; `undefined` if the other end closes, is too slow, or sends too much without a line end. */
async function readLine(end: PipeEnd, timeoutMs: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  const isThere = await until(() => {
    const count = end.available();
    if (count === undefined || text.length > LONGEST_LINE) return true;
    if (count > 0) {
      text += decoder.decode(end.read(Math.min(count, LONGEST_LINE)), { stream: true });
    }
    return text.includes("\n");
  }, timeoutMs);
  return isThere && text.includes("\n") ? text.slice(0, text.indexOf("\n")) : undefined;
}

function encodeLine(line: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(line + "\n");
}

/** Waits for a condition, and returns whether it became true in time. */
async function until(isSo: () => boolean, timeoutMs: number): Promise<boolean> {
  const start = performance.now();
  while (!isSo()) {
    if (performance.now() - start >= timeoutMs) return false;
    await pause();
  }
  return true;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}
