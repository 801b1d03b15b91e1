/**
 * The world as the program sees it: everything with an effect or an answer of its own.
 *
 * `src/system` implements it on Deno; tests implement it in memory. A function asks for the parts it
 * uses (`Pick<Host, "clock" | "http">`), so that its signature is its list of permissions.
 */

import type { Native } from "./native.ts";
import type { Secret } from "./secret.ts";

/** Everything that the program may touch. */
export interface Host {
  readonly env: Env;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  readonly databases: Databases;
  readonly programs: Programs;
  readonly terminal: Terminal;
  readonly http: Http;
  readonly servers: Servers;
  readonly native: Native;
  readonly stdout: Output;
  readonly stderr: Output;
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
  /** Who runs this process: the user's number, on Windows the user's name; never from the environment on Unix. */
  readonly user: string;
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

/** What is at a path. */
export interface FileInfo {
  /** `link`: a symbolic link, only where links are not followed. */
  readonly kind: "file" | "folder" | "link" | "other";
  /** Permission bits, such as 0o600; `undefined` on Windows. */
  readonly mode: number | undefined;
  readonly size: number;
  readonly modified: Temporal.Instant | undefined;
}

/**
 * Files and folders. Failures are `VaultError` `file-failed` with the path in the message and the
 * system's error as cause; a missing file is not a failure where the result can say so.
 */
export interface Files {
  /** The text (UTF-8; invalid bytes become U+FFFD), or `undefined` where there is no such file. */
  readText(path: string): string | undefined;
  /** The bytes, or `undefined` where there is no such file. */
  readBytes(path: string): Uint8Array<ArrayBuffer> | undefined;
  /**
   * Names the content of a plain file: as long as it is the same, so is every byte.
   *
   * `undefined` for a file of fewer bytes than `least`, and where it cannot be said: on Windows, whose
   * files do not know when they were changed, and within two seconds of the last change, since another
   * one may leave the same times.
   */
  stamp(path: string, least: number): FileStamp | undefined;
  /** The text (ASCII) at places of a file, joined; `undefined` where its content has another stamp. */
  readParts(
    path: string,
    stamp: string,
    places: readonly { readonly at: number; readonly length: number }[],
  ): string | undefined;
  /** All bytes that an open descriptor of this process gives until its end (`--passphrase-fd`). */
  readDescriptor(descriptor: number): Uint8Array<ArrayBuffer>;
  /** Closes an inherited descriptor, so that a child does not inherit it; the standard streams stay. */
  closeDescriptor(descriptor: number): Promise<void>;
  /**
   * Replaces the whole file, or leaves it as it was: a temporary file beside it (mode 0600), fsync,
   * rename, fsync of the folder. The mode of an existing file is kept unless one is given; a new file
   * gets `mode`, 0600 by default. A symbolic link is followed and kept, unless `followLinks` is false:
   * then the file takes its place, and what it leads to stays as it is.
   */
  writeWhole(path: string, content: string | Uint8Array, options?: WriteOptions): void;
  /** Adds text to the end of a file by one write; a file that is not there is made with mode 0600. */
  append(path: string, text: string): void;
  /**
   * Removes the temporary files that killed writers left in a folder, which can hold all that the file
   * was to hold; never one of a writer that is alive. {@linkcode writeWhole} does it by itself.
   */
  sweep(folder: string): void;
  /**
   * Makes the folder and those above it, new ones with mode 0700. One that is there must be this user's
   * own, no link, and not to be written by others, unless it may be `shared`.
   */
  makeFolder(path: string, options?: { shared?: boolean }): void;
  /**
   * What is at the path, symbolic links followed unless asked otherwise, or `undefined` where
   * nothing is.
   */
  info(path: string, options?: { followLinks?: boolean }): FileInfo | undefined;
  /** The absolute path without symbolic links, or `undefined` where nothing is. */
  realPath(path: string): string | undefined;
  /** The names in a folder, unsorted; empty where there is no such folder. */
  list(path: string): string[];
  /** The names of what {@linkcode Files.sweep} would remove from a folder. */
  leftovers(folder: string): string[];
  /** Sets the permission bits of a file or folder; a symbolic link is refused. Not on Windows. */
  setMode(path: string, mode: number): void;
  rename(from: string, to: string): void;
  /** Removes a file or an empty folder, and says whether there was one. */
  remove(path: string): boolean;
  /**
   * Takes the OS lock (flock, LockFileEx) on a file, made when missing and never removed: exclusive,
   * or with `isShared` one that others may share.
   *
   * Gives `undefined` when another process or handle holds it, and throws `LockingUnsupported` where
   * the file system knows no locks (ENOLCK, ENOTSUP), and `unsafe-file` for what is not a plain file. The kernel lets go of it when the process dies.
   */
  tryLock(path: string, options?: { isShared?: boolean | undefined }): FileLock | undefined;
}

/** What names the content of a file. */
export interface FileStamp {
  readonly id: string;
  readonly size: number;
}

/** How a file is replaced. */
export interface WriteOptions {
  readonly mode?: number;
  readonly followLinks?: boolean;
}

/** An OS file lock that is held until it is released. */
export interface FileLock {
  release(): void;
}

/** The file system knows no locks. */
export class LockingUnsupported extends Error {
  override readonly name = "LockingUnsupported";
}

/** SQLite databases. */
export interface Databases {
  /**
   * Opens a SQLite database, made when missing (mode 0600); throws {@linkcode DatabaseFailure}, also
   * where it or its folder is not this user's alone.
   */
  open(path: string, options: DatabaseOptions): Promise<Database>;
  /** Loads SQLite, and gives an `open` that need not be waited for. */
  load(): Promise<(path: string, options: DatabaseOptions) => Database>;
}

/** How a database is opened. */
export interface DatabaseOptions {
  /** How long to wait for others' locks before a {@linkcode DatabaseFailure} `busy`. */
  readonly busyTimeoutMs: number;
  readonly readOnly?: boolean | undefined;
}

/** What a column holds. */
export type DatabaseValue = string | number | bigint | null | Uint8Array;

/** One SQLite connection. All methods throw {@linkcode DatabaseFailure}. */
export interface Database {
  /** Runs statements without parameters or results. */
  execute(sql: string): void;
  /** Runs one statement, and gives the number of changed rows. */
  run(sql: string, ...values: DatabaseValue[]): number;
  /** All rows of a query. */
  all(sql: string, ...values: DatabaseValue[]): Record<string, DatabaseValue>[];
  close(): void;
}

/** A failure of SQLite, distinguished by what can be done about it. */
export class DatabaseFailure extends Error {
  override readonly name = "DatabaseFailure";
  /**
   * `damaged`: not a database, or corrupt. `busy`: locked by others for longer than the time-out.
   * `unwritable`: read-only or full disk, or no permission. `other`: anything else.
   */
  readonly kind: "damaged" | "busy" | "unwritable" | "other";

  constructor(kind: DatabaseFailure["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
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
   * Replaces this process by the program (execve), which keeps its pid, terminal and parent.
   *
   * Returns only where that is not possible on this platform (`false`); throws
   * {@linkcode ProgramFailure} when the program cannot be started.
   */
  replace(
    path: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
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

/**
 * The person's terminal: `/dev/tty` or `CONIN$`/`CONOUT$`, not the standard streams, which belong to
 * the data. Nothing is opened before the first use.
 */
export interface Terminal {
  /** Whether there is a controlling terminal that can be read and written. */
  isAvailable(): Promise<boolean>;
  /** Writes a line with its end; all else in it is escaped. */
  write(line: string): Promise<void>;
  /**
   * Asks a question, which is escaped too, and gives the line that was typed, without its end.
   *
   * `hidden`: what is typed is not shown. Ctrl-C and Ctrl-D throw `VaultError` `interrupted`, after
   * the terminal's settings are restored; a time-out throws `needs-person`, with `waitsForTyping` only
   * where nothing was typed by then.
   */
  ask(question: string, options?: AskOptions): Promise<Secret>;
  /**
   * Drops what was typed or pasted behind the last answer: lines of a paste that was refused must not
   * become other answers, or commands of the shell. Does nothing before the first question.
   */
  dropTyped(): Promise<void>;
}

/** How a question is asked. */
export interface AskOptions {
  readonly hidden?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly waitsForTyping?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** HTTP as AWS needs it: small requests, small answers, no redirects, no cookies. */
export interface Http {
  /** Sends one request, once. Throws {@linkcode HttpFailure}. */
  send(request: HttpRequest): Promise<HttpResponse>;
}

/** HTTP servers on this machine's loopback address. */
export interface Servers {
  /**
   * Answers requests on a port, 0 for a free one, until it is closed; throws `conflict` where the port
   * is taken.
   */
  listen(port: number, handler: (request: Request) => Promise<Response>): Listener;
}

/** A server that answers. */
export interface Listener {
  /** What clients send as `Host`: `127.0.0.1:40123`. */
  readonly host: string;
  /** Ends it at once, with every connection. */
  close(): void;
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
   * `untrusted`: the certificate was refused.
   */
  readonly kind: "unsent" | "unanswered" | "cut" | "timeout" | "untrusted";

  constructor(kind: HttpFailure["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** A stream of the process. */
export interface Output {
  write(text: string): void;
  isTerminal(): boolean;
}
