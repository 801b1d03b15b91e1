/** The place of a user's only server: its socket and its lock, in the state folder. */

import type { ControlAnswers, ControlRequest, ServerStatus } from "../server/control.ts";
import { hasCode, VaultError } from "../errors.ts";
import { type FileLock, LockingUnsupported } from "../files.ts";
import type { Host } from "../host.ts";
import { stateFolder } from "../state_folder.ts";

/** The parts of the host that finding the server needs. */
export type PlaceHost = Pick<Host, "files" | "sockets" | "env" | "platform" | "clock">;

/** The place, held by a server. */
export interface ServerPlace {
  readonly socket: string;
  release(): void;
}

/** How long to wait for a server that is ending or has just started. */
const PATIENCE_MS = 2_000;
const PAUSE_MS = 50;

/** The time limit of an answer from memory. */
const QUICK_MS = 5_000;

/** The time limit of an answer that may need credentials from AWS first. */
const PREPARE_MS = 60_000;

/**
 * Takes the place for a server; throws `conflict` if there is one, with its place in the error.
 *
 * The kernel holds the lock and frees it however a server ends, so a socket that is left belongs to no
 * server and is removed. Nobody waits long for this lock, or while it holds another.
 */
export async function takeServerPlace(host: PlaceHost): Promise<ServerPlace> {
  const folder = requireFolder(host);
  // This also checks that nobody else can create a socket there.
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

/** If the file system does not support locks, only a socket that answers shows that there is a server. */
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

/** The running server; `undefined` if there is none. */
async function findServer(host: PlaceHost): Promise<ServerStatus | undefined> {
  try {
    return await askServer(host, { do: "status" });
  } catch (error) {
    if (hasCode(error, "no-server")) return undefined;
    throw error;
  }
}

/**
 * Sends the server a request; throws the server's error, and `no-server` if none runs.
 *
 * The folder must belong to this user, and the listening program must run as this user: otherwise
 * somebody else could hand out their own credentials instead of a grant's.
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
