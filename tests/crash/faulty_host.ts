/** A world in which the n-th effect of a program fails, or kills it. */

import { VaultError } from "../../src/errors.ts";
import { type Host, ProgramFailure } from "../../src/host.ts";
import { HttpFailure, type HttpResponse } from "../../src/http.ts";
import { type Database, DatabaseFailure, type DatabaseOptions } from "../../src/databases.ts";
import type { FileLock, Files } from "../../src/files.ts";

/**
 * What befalls the n-th effect.
 *
 * `fail`: it does not take place, with the error that a real one would give. `lose`: it takes place,
 * and fails anyway (an answer that is lost, a statement whose commit is not heard of). `full`:
 * this and every later write to a disk fails. `stuck`: from here on nothing can be written into a
 * database, and all else can. `kill`: the process dies (SIGKILL) before it. `gone`: the same as the
 * world sees it, without a process to kill: from here on nothing has an effect, and the host is the
 * program's only way to the world (lint's `host-only`). `half`: it is gone in the middle of the next
 * write of a file, whose temporary file stays with half of the content.
 */
export type FaultKind = "fail" | "lose" | "full" | "stuck" | "kill" | "gone" | "half";

/** What an effect changes. */
type Kind = "file" | "database" | "world";

const LASTING: Partial<Record<FaultKind, readonly Kind[]>> = {
  full: ["file", "database"],
  stuck: ["database"],
  gone: ["file", "database", "world"],
};

/** Counts the effects of one run, and lets one of them go wrong. */
export class Effects {
  /** What has been done, such as `http CreateAccessKey`, in order. */
  readonly done: string[] = [];
  /** The number of the first effect that went wrong; `undefined`: none did. */
  firstWrong: number | undefined;
  readonly #at: number;
  readonly #kind: FaultKind;

  constructor(at: number, kind: FaultKind) {
    this.#at = at;
    this.#kind = kind;
  }

  /** Whether the process is gone, and only its code goes on. */
  get isGone(): boolean {
    return this.firstWrong !== undefined && (this.#kind === "gone" || this.#kind === "half");
  }

  /** Performs an effect, or not; `half` is the half of one that can be cut. */
  act<T>(name: string, kind: Kind, effect: () => T, failure: () => Error, half?: () => void): T {
    this.done.push(name);
    if (!this.#isDue(kind, half)) return effect();
    if (this.#kind === "kill") Deno.kill(Deno.pid, "SIGKILL");
    if (this.#kind === "half" && this.firstWrong === undefined) half?.();
    this.firstWrong ??= this.done.length;
    if (this.#kind === "lose") return lost(effect(), failure);
    throw failure();
  }

  #isDue(kind: Kind, half: (() => void) | undefined): boolean {
    const isReached = this.done.length >= this.#at;
    if (this.#kind === "half") return this.isGone || isReached && half !== undefined;
    const lasting = LASTING[this.#kind];
    return lasting === undefined
      ? this.done.length === this.#at
      : isReached && lasting.includes(kind);
  }
}

/** The effects of a run in which those on files are steps of their own (`kill_at_step.ts`). */
export class Steps extends Effects {
  readonly #step: () => void;

  constructor(step: () => void) {
    super(Infinity, "kill");
    this.#step = step;
  }

  override act<T>(name: string, kind: Kind, effect: () => T, failure: () => Error): T {
    if (kind !== "file") this.#step();
    return super.act(name, kind, effect, failure);
  }
}

function lost<T>(result: T, failure: () => Error): T {
  if (!(result instanceof Promise)) throw failure();
  return result.then(() => Promise.reject(failure())) as T;
}

/** The host with every effect counted. */
export function faultyHost(host: Host, effects: Effects): Host {
  return {
    ...host,
    files: faultyFiles(host.files, effects),
    http: {
      send: (request) => {
        const action = new URLSearchParams(request.body).get("Action") ?? request.url;
        const failure = () => new HttpFailure("cut", "the connection was closed");
        const send = (): Promise<HttpResponse> => host.http.send(request);
        return Promise.try(() => effects.act(`http ${action}`, "world", send, failure));
      },
    },
    programs: {
      ...host.programs,
      run: (request) => {
        const failure = () => new ProgramFailure("other", "it was killed");
        return Promise.try(() =>
          effects.act(`run ${request.command}`, "world", () => host.programs.run(request), failure)
        );
      },
    },
    databases: {
      open: async (path, options) => {
        requireAlive(effects);
        return faultyDatabase(await host.databases.open(path, options), effects);
      },
      load: async () => {
        const open = await host.databases.load();
        return (path: string, options: DatabaseOptions) => {
          requireAlive(effects);
          return faultyDatabase(open(path, options), effects);
        };
      },
    },
  };
}

/** Opening a database may make its file. */
function requireAlive(effects: Effects): void {
  if (effects.isGone) throw new DatabaseFailure("other", "the process is gone");
}

function faultyFiles(files: Files, effects: Effects): Files {
  const act = <T>(name: string, path: string, effect: () => T, half?: () => void): T =>
    effects.act(
      `${name} ${path.split("/").at(-1)}`,
      name === "remove" ? "world" : "file",
      effect,
      () => new VaultError("file-failed", `Cannot ${name} "${path}": no space is left on the disk`),
      half,
    );
  return {
    ...files,
    writeWhole: (path, content, options) =>
      act(
        "write",
        path,
        () => files.writeWhole(path, content, options),
        () => writeHalf(path, content),
      ),
    append: (path, text) => act("append to", path, () => files.append(path, text)),
    setMode: (path, mode) => act("set the mode of", path, () => files.setMode(path, mode)),
    sweep: (folder) => effects.isGone ? undefined : files.sweep(folder),
    makeFolder: (path, options) => {
      // What is there already is not an effect.
      if (files.info(path)?.kind === "folder") return files.makeFolder(path, options);
      act("create the folder", path, () => files.makeFolder(path, options));
    },
    rename: (from, to) => act("rename", from, () => files.rename(from, to)),
    remove: (path) => act("remove", path, () => files.remove(path)),
    tryLock(path, options) {
      let taken: FileLock | undefined;
      try {
        return act("lock", path, () => taken = files.tryLock(path, options));
      } catch (error) {
        // Nobody would let go of it.
        taken?.release();
        throw error;
      }
    },
  };
}

/** What a writer that is killed leaves: its temporary file beside the old one. */
function writeHalf(path: string, content: string | Uint8Array): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const folder = path.slice(0, path.lastIndexOf("/"));
  const name = crypto.getRandomValues(new Uint8Array(8)).toHex();
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  Deno.writeFileSync(`${folder}/.aws-vault-${name}.tmp`, half, { mode: 0o600, createNew: true });
}

function faultyDatabase(database: Database, effects: Effects): Database {
  const act = <T>(sql: string, effect: () => T): T => {
    const words = sql.trim().split(/\s+/, 3).join(" ");
    return effects.act(
      `database ${words}`,
      "database",
      effect,
      () => new DatabaseFailure("unwritable", "database or disk is full"),
    );
  };
  return {
    execute: (sql) => act(sql, () => database.execute(sql)),
    run: (sql, ...values) => act(sql, () => database.run(sql, ...values)),
    all: (sql, ...values) => database.all(sql, ...values),
    close: () => database.close(),
  };
}
