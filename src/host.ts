/**
 * The world as the program sees it: everything with an effect or an answer of its own.
 *
 * `src/system` implements it on Deno; tests implement it in memory. A function asks for the parts it
 * uses (`Pick<Host, "clock" | "http">`), so that its signature is its list of permissions.
 */

import type { Databases } from "./databases.ts";
import type { Files } from "./files.ts";
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

/** What a person is to know who presses Ctrl-C. */
export interface Interrupts {
  /**
   * Prints lines on standard error where Ctrl-C ends this process, until the function that is given back
   * is called.
   */
  explain(lines: readonly string[]): Promise<() => void>;
}

/** The environment variables; an empty value is a value. */
export interface Env {
  get(name: string): string | undefined;
  all(): Readonly<Record<string, string>>;
}

/** What machine this is. */
export interface Platform {
  readonly os: "linux" | "darwin" | "windows";
  /** This process. */
  readonly pid: number;
  /** The user's home folder (`HOME`, `USERPROFILE`, `HOMEDRIVE`+`HOMEPATH`), or `undefined` where nothing says it. */
  readonly home: string | undefined;
  /** The path of this program, for messages and for running itself. */
  readonly executable: string;
  /** The name of the program that started this one, where the system says it (Linux). */
  readonly parentProgram?: string | undefined;
  /** The programs behind this one, its parent first, where the system says it (Linux); looked up at each call. */
  callers?(): readonly CallingProgram[];
  /** Who runs this process: the user's number, on Windows the user's name; never from the environment on Unix. */
  readonly user: string;
  /** Which of the processes above this one are this program; absent: that is not known. */
  ancestors?(): readonly number[];
}

/** A program that this one was started by, directly or through others. */
export interface CallingProgram {
  readonly name: string;
  readonly pid: number;
  /** When it was started, in units of the system: with the pid it names a process. */
  readonly started: string;
  /** It leads its session, as the shell of a terminal does. */
  readonly leadsSession: boolean;
}

/** Time. */
export interface Clock {
  /** The machine's idea of the time, which may be wrong and may jump. */
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

/** Other programs. Secrets go to them by standard input only. */
export interface Programs {
  /**
   * Runs a program to its end, without a shell; throws {@linkcode ProgramFailure} when it cannot be
   * started, takes too long, or prints too much. A signal that ends this process ends it, too.
   */
  run(request: ProgramRequest): Promise<ProgramResult>;
  /** The full path of a program, looked up in `PATH` (and `PATHEXT`); `undefined` where there is none. */
  find(name: string): string | undefined;
  /**
   * Replaces this process by the program (execve), which keeps its pid, terminal and parent; `name` is
   * what it sees as its own, its path where there is none.
   *
   * Returns only where that is not possible on this platform (`false`); throws
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
   * code (128 + n when killed by signal n). Signals of the terminal reach the child from the kernel
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
   * Starts a program that goes on by itself, also after this process. It gets no standard streams. Gives
   * its exit code where it ends at once, else `undefined`; throws {@linkcode ProgramFailure} when it
   * cannot be started.
   */
  start(request: Pick<ProgramRequest, "command" | "args" | "env">): Promise<number | undefined>;
}

/** This program in the background. */
export interface Background {
  /**
   * Starts it again, in a login session without a terminal and with the same environment. It stays when
   * this process ends. What it prints is read until it prints a line or ends. Throws
   * {@linkcode ProgramFailure} where it cannot be started.
   */
  start(args: readonly string[]): Promise<BackgroundStart>;
}

/** How a start in the background went. */
export interface BackgroundStart {
  /** The first line on standard output; `undefined`: it has ended without. */
  readonly line: string | undefined;
  /** What it printed on standard error until then. */
  readonly stderr: string;
  /** The exit code, where it has ended. */
  readonly code: number | undefined;
}

/** This program once more, with other rights. */
export interface Companions {
  /**
   * Starts it by its absolute path, through other words (`sudo --`), with nothing of our environment
   * that is secret, and waits for its first line. It ends with this process, however that ends.
   * Throws {@linkcode ProgramFailure} where it cannot be started.
   */
  start(before: readonly string[], args: readonly string[]): Promise<Companion>;
  /**
   * What the other one does for `exec --ec2-server`: gives this machine the address 169.254.169.254,
   * and passes connections to its port 80 on to a port of 127.0.0.1, until its caller ends; then the
   * address is gone. Throws `conflict` naming who has the port already.
   */
  relayMetadata(toPort: number, onReady: () => void): Promise<void>;
}

/** The other one, which runs. */
export interface Companion {
  /** Its first line; `undefined` where it has ended without one. */
  readonly line: string | undefined;
  /** Its exit code, and whether it was closed. */
  readonly ended: Promise<{ readonly code: number; readonly isClosed: boolean }>;
  /** Lets it end, and waits for that. */
  close(): Promise<void>;
}

/** A program to be run to its end. */
export interface ProgramRequest {
  readonly command: string;
  /** Never a secret: other users can read argument lists. */
  readonly args: readonly string[];
  /** What the program reads; nothing by default. `inherit`: what this process reads. */
  readonly stdin?: string | Uint8Array | "inherit" | undefined;
  /** The whole environment of the program; of a helper it is that of `renderHelperEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables that it gets besides only where it is this program itself, whatever its name. */
  readonly ownEnv?: Readonly<Record<string, string>> | undefined;
  /** `inherit`: straight to this process's standard error. */
  readonly stderr?: "piped" | "inherit" | undefined;
  /** Standard input and error are the controlling terminal, which there is one of. */
  readonly terminal?: boolean | undefined;
  /** On Windows: the arguments are put together as they are. */
  readonly rawArguments?: boolean | undefined;
  /** Ended after this long, with what it started. */
  readonly timeoutMs?: number | undefined;
  /** Ended where it prints more bytes on one of its streams, 1 MB by default. */
  readonly mostOutput?: number | undefined;
}

/** What a program left behind. */
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

/** HTTP as AWS needs it: small requests, small answers, no redirects, no cookies. */
export interface Http {
  /** Sends one request, once. Throws {@linkcode HttpFailure}. */
  send(request: HttpRequest): Promise<HttpResponse>;
}

/** HTTP servers. */
export interface Servers {
  /**
   * Answers requests on a port, 0 for a free one, until it is closed; throws `conflict` where it cannot
   * listen there. The address, by number, is this machine's loopback address unless another is given.
   */
  listen(
    port: number,
    handler: (request: Request) => Promise<Response>,
    address?: string,
  ): Listener;
}

/** A server that answers. */
export interface Listener {
  /** What clients of this machine send as `Host`: `127.0.0.1:40123`, `[::1]:40123`. */
  readonly host: string;
  /** Ends it at once, with every connection. */
  close(): void;
  /** Takes no more connections, and ends once the answers that are on their way have arrived, or soon after. */
  finish(): Promise<void>;
}

/** Signals to this process. */
export interface Signals {
  /**
   * Takes the signals that end a program, until it is stopped: the first one is what `arrived` gives.
   * One that was ignored when this process started stays ignored (`nohup`).
   */
  catchEnd(): Promise<CaughtEnd>;
}

/** The end that somebody asked for; `interrupt` is Ctrl-C. */
export interface CaughtEnd {
  readonly arrived: Promise<"interrupt" | "end">;
  stop(): void;
}

/** One request. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** For the whole exchange, the answer's body included. */
  readonly timeoutMs: number;
  /** PEM certificates to trust besides the system's (`ca_bundle`). */
  readonly caCertificates?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Past every proxy: for services of this machine that are not on loopback. */
  readonly isDirect?: boolean | undefined;
}

/** One whole answer, of whatever status. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that got no whole answer. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
  /**
   * `unsent`: no connection, so the server cannot have acted. `unanswered`: it may have acted, but no
   * answer began to arrive. `cut`: the answer ended early. `timeout`: it may have acted.
   * `untrusted`: the certificate was refused. `proxy`: a proxy asks for credentials. `closed-proxy`: as
   * `unsent`, since a proxy cannot be reached or makes no connection.
   */
  readonly kind:
    | "unsent"
    | "unanswered"
    | "cut"
    | "timeout"
    | "untrusted"
    | "proxy"
    | "closed-proxy";

  constructor(kind: HttpFailure["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** What the process reads, by `Files.readDescriptor` 0. */
export interface Input {
  isTerminal(): boolean;
}

/** A stream of the process. */
export interface Output {
  write(text: string): void;
  isTerminal(): boolean;
  /** The width of the terminal that it is; `undefined` for anything else, and where the terminal does not say. */
  columns?(): number | undefined;
}
