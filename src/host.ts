/**
 * The world as the program sees it: everything that has side effects or unpredictable results.
 *
 * `src/system` implements it on Deno; tests implement it in memory. A function takes only the parts that it
 * uses (`Pick<Host, "clock" | "http">`), so that its signature is its list of permissions.
 */

import type { Databases } from "./databases.ts";
import type { Files } from "./files.ts";
import type { Http } from "./http.ts";
import type { LocalSockets } from "./local_sockets.ts";
import type { Native } from "./native.ts";
import type { Terminal } from "./terminal.ts";

/** Everything that the program may touch. */
export interface Host {
  readonly env: Env;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  readonly databases: Databases;
  readonly programs: Programs;
  readonly programsApart: ProgramsApart;
  readonly background: Background;
  readonly companions: Companions;
  readonly terminal: Terminal;
  readonly http: Http;
  readonly servers: Servers;
  readonly sockets: LocalSockets;
  readonly signals: Signals;
  readonly native: Native;
  readonly interrupts: Interrupts;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** What a person who presses Ctrl-C needs to know. */
export interface Interrupts {
  /**
   * Prints lines on standard error if Ctrl-C ends this process, until the returned function is called.
   */
  explain(lines: readonly string[]): Promise<() => void>;
}

/** The environment variables; an empty value is a value. */
export interface Env {
  get(name: string): string | undefined;
  all(): Readonly<Record<string, string>>;
}

/** This machine and its user. */
export interface Platform {
  readonly os: "linux" | "darwin" | "windows";
  /** The id of this process. */
  readonly pid: number;
  /** The user's home folder (`HOME`, `USERPROFILE`, `HOMEDRIVE`+`HOMEPATH`), or `undefined` if none is set. */
  readonly home: string | undefined;
  /** The path of this program, for messages and for starting itself. */
  readonly executable: string;
  /** The name of the program that started this one, if the system shows it (Linux). */
  readonly parentProgram?: string | undefined;
  /** The programs above this one, parent first, if the system shows them (Linux); looked up at each call. */
  callers?(): readonly CallingProgram[];
  /** The user of this process: the user id, on Windows the name; on Unix never from the environment. */
  readonly user: string;
  /** Those of the processes above this one that run this program; absent if unknown. */
  ancestors?(): readonly number[];
}

/** A program that started this one, directly or through others. */
export interface CallingProgram {
  readonly name: string;
  readonly pid: number;
  /** When it was started, in the system's units: start and pid together identify a process. */
  readonly started: string;
  /** Whether it is a POSIX session leader, as the shell of a terminal is. */
  readonly leadsSession: boolean;
}

/** Time. */
export interface Clock {
  /** The machine's time, which may be wrong and may jump. */
  now(): Temporal.Instant;
  /** Milliseconds since an unspecified start, which never go back. */
  monotonicMs(): number;
  /** Waits; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Chance. */
export interface Random {
  /** Bytes that nobody can guess. */
  bytes(count: number): Uint8Array<ArrayBuffer>;
  /** A number in [0, 1) for jitter, not for secrets. */
  fraction(): number;
}

/** Other programs. They get secrets on standard input only. */
export interface Programs {
  /**
   * Runs a program to its end, without a shell; throws {@linkcode ProgramFailure} when it cannot be
   * started, takes too long, or prints too much. A signal that ends this process also ends the program.
   */
  run(request: ProgramRequest): Promise<ProgramResult>;
  /** The full path of a program, looked up in `PATH` (and `PATHEXT`); `undefined` if there is none. */
  find(name: string): string | undefined;
  /**
   * Replaces this process by the program (execve), which keeps the pid, terminal and parent; `name` is
   * the program's own name (argv[0]), its path by default.
   *
   * Returns only if the platform does not support this (`false`); throws
   * {@linkcode ProgramFailure} when the program cannot be started.
   */
  replace(
    path: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    name?: string,
  ): Promise<false>;
  /**
   * Runs a program on this process's standard streams, in its process group, and gives its exit
   * code (128 + n when killed by signal n). Terminal signals reach the child from the kernel
   * and are ignored here; others are passed on.
   */
  attend(
    path: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<number>;
}

/** Programs that outlive this one: a person's browser. */
export interface ProgramsApart {
  /**
   * Starts a program that keeps running after this process ends. It gets no standard streams. Gives its
   * exit code if it ends at once, otherwise `undefined`; throws {@linkcode ProgramFailure} when it
   * cannot be started.
   */
  start(request: Pick<ProgramRequest, "command" | "args" | "env">): Promise<number | undefined>;
}

/** This program in the background. */
export interface Background {
  /**
   * Starts it again with the same environment, in a login session without a terminal. It keeps running
   * when this process ends. Its output is read until it prints a line or ends. Throws
   * {@linkcode ProgramFailure} if it cannot be started.
   */
  start(args: readonly string[]): Promise<BackgroundStart>;
}

/** How a start in the background went. */
export interface BackgroundStart {
  /** The first line on standard output; `undefined` if it ended without one. */
  readonly line: string | undefined;
  /** What it printed on standard error until then. */
  readonly stderr: string;
  /** The exit code, if it has ended. */
  readonly code: number | undefined;
}

/** This program once more, with other rights. */
export interface Companions {
  /**
   * Starts it by its absolute path, behind a prefix (`sudo --`), without the secrets of our environment,
   * and waits for its first line. It ends when this process ends, in whatever way.
   * Throws {@linkcode ProgramFailure} if it cannot be started.
   */
  start(before: readonly string[], args: readonly string[]): Promise<Companion>;
  /**
   * The companion's work for `exec --ec2-server`: adds the address 169.254.169.254 to this machine, and
   * passes connections to its port 80 on to a port of 127.0.0.1, until the caller ends; then removes the
   * address. Throws `conflict` naming the program that has the port already.
   */
  relayMetadata(toPort: number, onReady: () => void): Promise<void>;
}

/** A running companion. */
export interface Companion {
  /** Its first line; `undefined` if it ended without one. */
  readonly line: string | undefined;
  /** Its exit code, and whether {@linkcode Companion.close} ended it. */
  readonly ended: Promise<{ readonly code: number; readonly isClosed: boolean }>;
  /** Makes the companion end, and waits until it has ended. */
  close(): Promise<void>;
}

/** A request to run a program to its end. */
export interface ProgramRequest {
  readonly command: string;
  /** Never a secret: other users can read argument lists. */
  readonly args: readonly string[];
  /** The program's input; nothing by default. `inherit`: this process's standard input. */
  readonly stdin?: string | Uint8Array | "inherit" | undefined;
  /** The whole environment of the program; for a helper, made by `renderHelperEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** Additional variables for a program that is this program itself, whatever its name. */
  readonly ownEnv?: Readonly<Record<string, string>> | undefined;
  /** `inherit`: straight to this process's standard error. */
  readonly stderr?: "piped" | "inherit" | undefined;
  /** Connect standard input and error to the controlling terminal, which must exist. */
  readonly terminal?: boolean | undefined;
  /** On Windows: join the arguments without quoting them. */
  readonly rawArguments?: boolean | undefined;
  /** After this time the program and all that it started are ended. */
  readonly timeoutMs?: number | undefined;
  /** The program is ended if it prints more bytes on one stream; 1 MB by default. */
  readonly mostOutput?: number | undefined;
}

/** The result of a program. */
export interface ProgramResult {
  readonly code: number;
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly stderr: string;
}

/** A program that could not be started, or did not end in time. */
export class ProgramFailure extends Error {
  override readonly name = "ProgramFailure";
  readonly kind: "not-found" | "not-executable" | "timeout" | "other";

  constructor(kind: ProgramFailure["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** HTTP servers. */
export interface Servers {
  /**
   * Answers requests on a port, 0 for a free one, until it is closed; throws `conflict` if it cannot
   * listen there. The address is numeric, and by default this machine's loopback address.
   */
  listen(
    port: number,
    handler: (request: Request) => Promise<Response>,
    address?: string,
  ): Listener;
}

/** A server that answers. */
export interface Listener {
  /** The `Host` header that clients on this machine send: `127.0.0.1:40123`, `[::1]:40123`. */
  readonly host: string;
  /** Ends it at once, with every connection. */
  close(): void;
  /** Accepts no more connections, and ends when the answers under way have arrived, or after a short time. */
  finish(): Promise<void>;
}

/** Signals to this process. */
export interface Signals {
  /**
   * Catches the signals that end a program, until it is stopped; `arrived` gives the first one.
   * A signal that was ignored when this process started stays ignored (`nohup`).
   */
  catchEnd(): Promise<CaughtEnd>;
}

/** A caught request to end; `interrupt` is Ctrl-C. */
export interface CaughtEnd {
  readonly arrived: Promise<"interrupt" | "end">;
  stop(): void;
}

/** The process's standard input, read by `Files.readDescriptor` 0. */
export interface Input {
  isTerminal(): boolean;
}

/** A stream of the process. */
export interface Output {
  write(text: string): void;
  isTerminal(): boolean;
  /** The width of the terminal; `undefined` if the stream is not a terminal or the width is unknown. */
  columns?(): number | undefined;
}
