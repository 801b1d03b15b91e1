/** A world in which the n-th effect of a program fails, or kills it. */

import { VaultError } from "../../src/errors.ts";
import {
  type Database,
  DatabaseFailure,
  type DatabaseOptions,
  type FileLock,
  type Files,
  type Host,
  HttpFailure,
  type HttpResponse,
  ProgramFailure,
} from "../../src/host.ts";

/**
 * What befalls the n-th effect.
 *
 * `fail`: it does not take place, with the error that a real one would give. `lose`: it takes place,
 * and fails all the same (an answer that is lost, a statement whose commit is not heard of). `full`:
 * this and every later write to a disk fails. `stuck`: from here on nothing can be written into a
 * database, and all else can. `kill`: the process dies (SIGKILL) before it.
 */
export type FaultKind = "fail" | "lose" | "full" | "stuck" | "kill";

/** What an effect changes. */
type Kind = "file" | "database" | "world";

const LASTING: Partial<Record<FaultKind, readonly Kind[]>> = {
  full: ["file", "database"],
  stuck: ["database"],
};

/** Counts the effects of one run, and lets one of them go wrong. */
export class Effects {
  /** What has been done, such as `http CreateAccessKey`, in order. */
  readonly done: string[] = [];
  readonly #at: number;
  readonly #kind: FaultKind;

  constructor(at: number, kind: FaultKind) {
    this.#at = at;
    this.#kind = kind;
  }

  /** Whether the run came as far as the effect that goes wrong. */
  get hasFired(): boolean {
    return this.done.length >= this.#at;
  }

  /** Performs an effect, or not. */
  act<T>(name: string, kind: Kind, effect: () => T, failure: () => Error): T {
    this.done.push(name);
    if (!this.#isDue(kind)) return effect();
    if (this.#kind === "kill") Deno.kill(Deno.pid, "SIGKILL");
    if (this.#kind === "lose") return lost(effect(), failure);
    throw failure();
  }

  #isDue(kind: Kind): boolean {
    const lasting = LASTING[this.#kind];
    return lasting === undefined
      ? this.done.length === this.#at
      : this.hasFired && lasting.includes(kind);
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
      open: async (path, options) =>
        faultyDatabase(await host.databases.open(path, options), effects),
      load: async () => {
        const open = await host.databases.load();
        return (path: string, options: DatabaseOptions) =>
          faultyDatabase(open(path, options), effects);
      },
    },
  };
}

function faultyFiles(files: Files, effects: Effects): Files {
  const act = <T>(name: string, path: string, effect: () => T): T =>
    effects.act(
      `${name} ${path.split("/").at(-1)}`,
      name === "remove" ? "world" : "file",
      effect,
      () => new VaultError("file-failed", `Cannot ${name} "${path}": no space is left on the disk`),
    );
  return {
    ...files,
    writeWhole: (path, content, options) =>
      act("write", path, () => files.writeWhole(path, content, options)),
    makeFolder: (path, options) => {
      // What is there already is not an effect.
      if (files.info(path)?.kind === "folder") return files.makeFolder(path, options);
      act("make the folder", path, () => files.makeFolder(path, options));
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
