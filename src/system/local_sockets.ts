/** Unix sockets between programs of one user: one line in, one line out. */

import { VaultError } from "../errors.ts";
import type { LocalListener } from "../local_sockets.ts";
import { quote } from "../text.ts";
import { failureReason, isMissing } from "./file_failure.ts";

/** Far longer than any of our requests and answers. */
const LONGEST_LINE = 65_536;

/** How long a peer may take to send its line or to read the answer. */
const PATIENCE_MS = 10_000;

/** Answers lines at a path (`LocalSockets.listen`). */
export async function listenAt(
  path: string,
  answer: (line: string) => Promise<string>,
): Promise<LocalListener> {
  const { usersAt } = await import("./ffi/peer_user.ts");
  const listener = start(path);
  const made = Deno.lstatSync(path);
  const pending = new Set<Promise<void>>();
  const isOwn = () => areOwn(usersAt(path, "own"));
  void acceptAll(listener, (connection) => {
    // Nothing is sent to or read from another user's program. Which connection belongs to whom is
    // unknown: as long as another user's is open, no new connection is served.
    if (!isOwn()) return connection.close();
    const exchange = serve(connection, answer).finally(() => pending.delete(exchange));
    pending.add(exchange);
  });
  return {
    isThere: () => isSame(path, made),
    async close() {
      listener.close();
      await Promise.all(pending);
      // Only our socket, not what somebody has put there since.
      if (isSame(path, made)) Deno.removeSync(path);
    },
  };
}

/** Whether there is at least one user, and all are this user. */
function areOwn(users: readonly (number | undefined)[]): boolean {
  return users.length > 0 && users.every((user) => user !== undefined && user === Deno.uid());
}

/** Listens, then sets mode 0600. The folder keeps others out on its own, before and after that. */
function start(path: string): Deno.UnixListener {
  try {
    const listener = Deno.listen({ transport: "unix", path });
    Deno.chmodSync(path, 0o600);
    return listener;
  } catch (cause) {
    const message = `Cannot create the socket ${quote(path)}: ${reasonOf(cause, path)}`;
    throw new VaultError("file-failed", message, { cause });
  }
}

/** `sun_path` has 108 bytes on Linux and 104 on macOS, with a NUL at its end. */
function reasonOf(cause: unknown, path: string): string {
  const most = Deno.build.os === "darwin" ? 103 : 107;
  return new TextEncoder().encode(path).length > most
    ? `its path is longer than ${most} bytes; set AWS_VAULT_STATE_DIR to a folder with a shorter path`
    : failureReason(cause);
}

async function acceptAll(
  listener: Deno.UnixListener,
  take: (connection: Deno.UnixConn) => void,
): Promise<void> {
  for (;;) {
    try {
      take(await listener.accept());
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
        return;
      }
      // The peer is already gone, or too many files are open at the moment.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function isSame(path: string, { dev, ino }: Deno.FileInfo): boolean {
  try {
    const found = Deno.lstatSync(path);
    return found.dev === dev && found.ino === ino;
  } catch {
    return false;
  }
}

async function serve(
  connection: Deno.UnixConn,
  answer: (line: string) => Promise<string>,
): Promise<void> {
  try {
    const line = await within(PATIENCE_MS, connection, readLine(connection));
    if (line === undefined) return;
    const said = await answer(line);
    await within(PATIENCE_MS, connection, writeLine(connection, said));
  } catch {
    // The peer closed before it had its answer.
  } finally {
    closeQuietly(connection);
  }
}

/** Sends a line to the listener at a path, and returns the answer (`LocalSockets.ask`). */
export async function askAt(
  path: string,
  line: string,
  timeoutMs: number,
): Promise<string | undefined> {
  if (!isSocket(path)) return undefined;
  const { usersAt } = await import("./ffi/peer_user.ts");
  const connection = await connect(path);
  if (connection === undefined) return undefined;
  try {
    if (!areOwn(usersAt(path, "peer"))) {
      throw unsafe(path, "the program that listens there belongs to another user");
    }
    const start = performance.now();
    const exchange = writeLine(connection, line).then(() => readLine(connection));
    const answer = await within(timeoutMs, connection, exchange).catch(() => undefined);
    // A server that is just ending accepts connections that it never answers.
    if (answer !== undefined || performance.now() - start < timeoutMs) return answer;
  } finally {
    closeQuietly(connection);
  }
  throw new VaultError("wait-timeout", `The server at ${quote(path)} gave no answer in time`);
}

/** Whether a socket is at the path, links not followed: a link could lead to anybody's socket. */
function isSocket(path: string): boolean {
  let found: Deno.FileInfo;
  try {
    found = Deno.lstatSync(path);
  } catch (cause) {
    if (isMissing(cause)) return false;
    const message = `Cannot read ${quote(path)}: ${failureReason(cause)}`;
    throw new VaultError("file-failed", message, { cause });
  }
  if (found.isSocket) return true;
  throw unsafe(path, found.isSymlink ? "it is a symbolic link" : "it is not a socket");
}

function unsafe(path: string, reason: string): VaultError {
  return new VaultError("unsafe-file", `Cannot use the socket ${quote(path)}: ${reason}`, {
    hints: ["aws-vault does not create such a thing: find out who put it there, and remove it"],
  });
}

/** Connects to a socket; `undefined` if nobody listens: the socket that a killed server left refuses. */
async function connect(path: string): Promise<Deno.UnixConn | undefined> {
  try {
    return await Deno.connect({ transport: "unix", path });
  } catch (cause) {
    if (cause instanceof Deno.errors.ConnectionRefused || isMissing(cause)) return undefined;
    const message = `Cannot connect to ${quote(path)}: ${failureReason(cause)}`;
    throw new VaultError("file-failed", message, { cause });
  }
}

/** The first line; `undefined` if the stream ends, or gets too long, without a line end. */
async function readLine(connection: Deno.UnixConn): Promise<string | undefined> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(4096);
  for (let text = ""; text.length <= LONGEST_LINE;) {
    const count = await connection.read(chunk);
    if (count === null) return undefined;
    text += decoder.decode(chunk.subarray(0, count), { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  return undefined;
}

async function writeLine(connection: Deno.UnixConn, line: string): Promise<void> {
  let rest = new TextEncoder().encode(line + "\n");
  while (rest.length > 0) rest = rest.subarray(await connection.write(rest));
}

/** Closes the connection when the work takes too long, which also ends what waits for it. */
async function within<T>(ms: number, connection: Deno.UnixConn, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => closeQuietly(connection), ms);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

function closeQuietly(connection: Deno.UnixConn): void {
  try {
    connection.close();
  } catch {
    // It is already closed.
  }
}
