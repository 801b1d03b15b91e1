/** Where the one server of a user is: its socket and its lock, in the state folder. */

import type { ControlAnswers, ControlRequest, ServerStatus } from "../server/control.ts";
import { hasCode, VaultError } from "../errors.ts";
import { type FileLock, LockingUnsupported } from "../files.ts";
import type { Host } from "../host.ts";
import { stateFolder } from "../state_folder.ts";

/** What finding the server needs. */
export type PlaceHost = Pick<Host, "files" | "sockets" | "env" | "platform" | "clock">;

/** The place, held for a server. */
export interface ServerPlace {
  readonly socket: string;
  release(): void;
}

/** How long to wait for a server that is ending or has just started. */
const PATIENCE_MS = 2_000;
const PAUSE_MS = 50;

/** An answer from memory. */
const QUICK_MS = 5_000;

/** Credentials may have to come from AWS first. */
const PREPARE_MS = 60_000;

/**
 * Takes the place for a server; throws `conflict` where there is one, which the error locates.
 *
 * The kernel holds the lock and frees it however a server ends, so that its socket, if one is left, is
 * nobody's and is removed. Nobody waits for this lock for long, or while it holds another.
 */
export async function takeServerPlace(host: PlaceHost): Promise<ServerPlace> {
  const folder = requireFolder(host);
  // Also the check that nobody else can put a socket there.
  host.files.makeFolder(folder);
  const socket = `${folder}/serve.sock`;
  const start = host.clock.monotonicMs();
  for (;;) {
    const lock = tryLock(host, `${folder}/serve.lock`);
    const status = await findServer(host).catch((error) => {
      lock?.release();
      throw error;
    });
    if (status === undefined && lock !== undefined) {
      host.files.remove(socket);
      return { socket, release: () => lock.release() };
    }
    lock?.release();
    if (status !== undefined) throw occupied(status);
    if (host.clock.monotonicMs() - start >= PATIENCE_MS) throw starting();
    await host.clock.sleep(PAUSE_MS);
  }
}

/** Where the file system has no locks, a socket that answers is what says that there is a server. */
function tryLock({ files }: PlaceHost, path: string): FileLock | undefined {
  try {
    return files.tryLock(path);
  } catch (error) {
    if (error instanceof LockingUnsupported) return { release() {} };
    throw error;
  }
}

function occupied({ pid, url }: ServerStatus): VaultError {
  const message = `Cannot serve: a server of yours is already at ${url} (process ${pid})`;
  return new VaultError("conflict", message, {
    hints: ["Get a grant of it: aws-vault grant PROFILE", "End it: aws-vault serve --stop"],
  });
}

function starting(): VaultError {
  const message = "Cannot serve: another aws-vault serve of yours is starting or ending";
  return new VaultError("conflict", message, {
    hints: ["It may be waiting for an answer: check its terminal"],
  });
}

function requireFolder(host: PlaceHost): string {
  const folder = stateFolder(host);
  if (folder !== undefined) return folder;
  throw new VaultError("unsupported", "There is no folder for the server's socket", {
    hints: ["Set HOME, or AWS_VAULT_STATE_DIR to a folder of your own"],
  });
}

/** The server that runs; `undefined` where none does. */
async function findServer(host: PlaceHost): Promise<ServerStatus | undefined> {
  try {
    return await askServer(host, { do: "status" });
  } catch (error) {
    if (hasCode(error, "no-server")) return undefined;
    throw error;
  }
}

/**
 * Asks the server to do something; throws what it throws, and `no-server` where none runs.
 *
 * The folder must be this user's own, and the program that listens must run as this user: otherwise
 * somebody else could hand out credentials of his own in a grant's place.
 */
export async function askServer<R extends ControlRequest>(
  host: PlaceHost,
  request: R,
): Promise<ControlAnswers[R["do"]]> {
  const folder = requireFolder(host);
  if (host.files.info(folder) === undefined) throw noServer();
  host.files.makeFolder(folder);
  const timeoutMs = request.do === "prepare" ? PREPARE_MS : QUICK_MS;
  const line = await host.sockets.ask(`${folder}/serve.sock`, JSON.stringify(request), timeoutMs);
  if (line === undefined) throw noServer();
  const { parseAnswer } = await import("../server/control.ts");
  return parseAnswer<R["do"]>(request.do, line);
}

function noServer(): VaultError {
  return new VaultError("no-server", "Cannot reach a server: none of yours is running", {
    hints: [
      "Start one: aws-vault serve",
      "Start one that stays: aws-vault serve --background",
    ],
  });
}
