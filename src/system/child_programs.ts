import { HELPER_MARK } from "../helper_environment.ts";
import { ProgramFailure } from "../host.ts";
import type { ProgramRequest, ProgramResult } from "../host.ts";
import { quote } from "../text.ts";
import { CStrings, type Libc, openLibc, rawCString, SIG_DFL, SIGPIPE } from "./ffi/libc.ts";
import { deletedFolder } from "./deleted_folder.ts";
import { EndWatch } from "./end_watch.ts";
import { EndingWithUs } from "./ending_with_us.ts";
import { underInheritedLimit } from "./open_file_limit.ts";
import { findProgram, isThisProgram } from "./program_path.ts";
import { wellFormed } from "./process_environment.ts";
import { endTree, newMark } from "./process_tree.ts";
import { startFailure } from "./start_failure.ts";

/**
 * Replaces this process.
 *
 * The Rust runtime ignores SIGPIPE, and an ignored signal stays ignored after execve: `yes | head` in the
 * program would never end. Deno's descriptors are all close-on-exec; those that we inherited are passed on.
 */
export function replace(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  name = path,
): false {
  const libc = openLibc();
  if (libc === undefined) return false;
  requireExecutable(path);
  const argv = new CStrings([name, ...args]);
  const envp = new CStrings(Object.entries(env).map(([name, value]) => `${name}=${value}`));
  const disposition = libc.calls.signal(SIGPIPE, SIG_DFL);
  const folder = deletedFolder();
  if (folder !== undefined) libc.calls.fchdir(folder);
  const failure = underInheritedLimit(libc, () => {
    libc.calls.execve(rawCString(path), argv.pointers, envp.pointers);
    return execFailure(libc, path);
  });
  libc.calls.signal(SIGPIPE, disposition);
  throw failure;
}

/** Distinguishes the usual failures before the call, since execve's EACCES can mean any of them. */
function requireExecutable(path: string): void {
  // The runtime cannot express such a path.
  if (!path.isWellFormed()) return;
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    throw startFailure(path, error);
  }
  if (info.isDirectory) {
    throw new ProgramFailure("not-executable", `${quote(path)} is a folder`);
  }
}

const ERRNO: Readonly<Record<number, [ProgramFailure["kind"], string]>> = {
  2: ["not-found", "it, or the interpreter that its first line names, does not exist"],
  7: ["other", "arguments and environment are too long"],
  8: ["not-executable", "it is not a program (is a first line such as #!/bin/sh missing?)"],
  13: ["not-executable", "it is not executable"],
  26: ["not-executable", "it is open for writing"],
};

function execFailure(libc: Libc, path: string): ProgramFailure {
  const errno = libc.errno();
  const [kind, why] = ERRNO[errno] ?? ["other", `system error ${errno}`];
  return new ProgramFailure(kind, `Cannot start ${quote(path)}: ${why}`);
}

/** Larger output is not a code, a key or a message. */
const MOST_OUTPUT = 1_000_000;

/** Runs a program to its end. It does not outlive this process, except after a SIGKILL outside Linux. */
export async function run(request: ProgramRequest): Promise<ProgramResult> {
  const path = findProgram(request.command, request.env);
  if (path === undefined) {
    const message = `Cannot start ${quote(request.command)}: there is no such program`;
    throw new ProgramFailure("not-found", message);
  }
  const mark = newMark();
  await using _ = new EndWatch(mark);
  const ending = new EndingWithUs(mark);
  const cut = new Cut(request);
  try {
    const child = ending.watch(start(path, request, mark));
    return await attendRun(child, request, cut, { ending, mark });
  } finally {
    cut.stop();
    ending.stop();
  }
}

async function attendRun(
  child: Deno.ChildProcess,
  request: ProgramRequest,
  cut: Cut,
  { ending, mark }: { readonly ending: EndingWithUs; readonly mark: string },
): Promise<ProgramResult> {
  const feeding = feed(child, request.stdin);
  try {
    const results = [
      child.status,
      readAll(child.stdout, cut),
      streamsOf(request).stderr === "inherit" ? undefined : readAll(child.stderr, cut),
      feeding,
    ] as const;
    const [status, stdout, stderr] = await Promise.race([Promise.all(results), cut.happened]);
    if (status.code > 128) {
      await ending.settle();
      // It died alone, or our signal is late: what it started would stay for good.
      await endTree(undefined, mark);
    }
    return { code: status.code, stdout, stderr: new TextDecoder().decode(stderr) };
  } catch (error) {
    if (cut.signal.aborted) {
      await endTree(child.pid, mark);
      await ended(child);
    }
    throw error;
  }
}

function start(path: string, request: ProgramRequest, mark: string): Deno.ChildProcess {
  const [program, args] = onTerminal(path, request);
  const command = new Deno.Command(program, {
    args,
    stdout: "piped",
    ...streamsOf(request),
    ...environmentOf(path, request, mark),
    windowsRawArguments: request.rawArguments ?? false,
  });
  try {
    return underInheritedLimit(openLibc(), () => command.spawn());
  } catch (error) {
    throw startFailure(request.command, error);
  }
}

/**
 * Starts a program with the terminal as its standard streams: the shell opens the terminal and becomes the
 * program, because the runtime passes on only its own descriptors.
 */
function onTerminal(path: string, { terminal, args }: ProgramRequest): [string, string[]] {
  if (!terminal || Deno.build.os === "windows") return [path, [...args]];
  return ["/bin/sh", ["-c", 'exec "$0" "$@" </dev/tty 2>/dev/tty', path, ...args]];
}

/** On Windows the terminal is this process's own standard input, if that is a terminal. */
function streamsOf(
  { stdin, stderr, terminal }: ProgramRequest,
): Required<Pick<Deno.CommandOptions, "stdin" | "stderr">> {
  const isOwn = terminal && Deno.build.os === "windows" && Deno.stdin.isTerminal();
  return {
    stdin: stdin === "inherit" || isOwn ? "inherit" : stdin === undefined ? "null" : "piped",
    stderr: terminal ? "inherit" : stderr ?? "piped",
  };
}

function environmentOf(
  path: string,
  { env, ownEnv }: ProgramRequest,
  mark: string,
): Deno.CommandOptions {
  const own = ownEnv !== undefined && isThisProgram(path) ? ownEnv : {};
  const marked = Deno.build.os === "linux" ? { [HELPER_MARK]: mark } : {};
  return { env: wellFormed({ ...env, ...own, ...marked }), clearEnv: true };
}

/** Writes the program's input; a program that does not read all of it is not at fault. */
async function feed(child: Deno.ChildProcess, stdin: ProgramRequest["stdin"]): Promise<void> {
  if (stdin === undefined || stdin === "inherit") return;
  const bytes = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
  const writer = child.stdin.getWriter();
  try {
    await writer.write(bytes);
    await writer.close();
  } catch {
    await writer.abort().catch(() => {});
  }
}

async function readAll(
  stream: ReadableStream<Uint8Array>,
  cut: Cut,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  cut.signal.addEventListener("abort", () => void reader.cancel().catch(() => {}), { once: true });
  const chunks: Uint8Array[] = [];
  for (let length = 0;;) {
    const { done, value } = await reader.read();
    if (done) return joined(chunks);
    length += value.length;
    if (length > cut.mostOutput) cut.atOutput();
    else chunks.push(value);
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/**
 * Stops the wait for a program that takes too long or prints endlessly. Its output is not awaited
 * either: its children may hold the pipe open forever.
 */
class Cut {
  readonly mostOutput: number;
  readonly #controller = new AbortController();
  readonly signal = this.#controller.signal;
  /** Rejects with the reason. */
  readonly happened: Promise<never>;
  readonly #command: string;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ command, timeoutMs, mostOutput = MOST_OUTPUT }: ProgramRequest) {
    this.#command = quote(command);
    this.mostOutput = mostOutput;
    this.happened = new Promise((_, reject) => {
      this.signal.addEventListener("abort", () => reject(this.signal.reason), { once: true });
    });
    this.happened.catch(() => {});
    if (timeoutMs === undefined) return;
    const message = `${this.#command} did not end within ${timeoutMs / 1000} s`;
    const failure = new ProgramFailure("timeout", message);
    this.#timer = setTimeout(() => this.#controller.abort(failure), timeoutMs);
  }

  atOutput(): void {
    const message = `${this.#command} printed more than ${this.mostOutput / 1_000_000} MB`;
    this.#controller.abort(new ProgramFailure("other", message));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** Waits until a killed child is gone, but not for one that is stuck in the kernel. */
async function ended(child: Deno.ChildProcess): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enough = new Promise((resolve) => {
    timer = setTimeout(resolve, 1000);
  });
  await Promise.race([child.status, enough]);
  clearTimeout(timer);
}
