/**
 * Adds the address of EC2's instance metadata service to this machine, and relays its connections to a port
 * of 127.0.0.1: the only part of `exec --ec2-server` that needs root.
 */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { openLibc } from "./ffi/libc.ts";
import { failureReason } from "./file_failure.ts";
import { findListener } from "./listener_owner.ts";
import { ADDRESS, LoopbackAddress } from "./loopback_address.ts";
import { openFileLimit, raiseOpenFileLimit } from "./open_file_limit.ts";
import { RelayRoom } from "./relay_room.ts";
import { listen } from "./signals.ts";

const PORT = 80;

/** How many clients may wait in the kernel until they are accepted; Linux reduces it to its own limit. */
const BACKLOG = 4_096;

/** How many connections are open at once, one file each; fewer if the limit of open files is lower. */
const MOST_OPEN = 12_000;

/** How many of them are relayed at once, with one more file each; the others wait their turn. */
const MOST_RELAYED = 400;

/** What the program itself has open, and a reserve. */
const OTHER_FILES = 100;

/** The first bytes are read before there is anything to relay; ten thousand clients may say nothing. */
const FIRST_BYTES = 1_024;

/** Requests and answers are shorter. */
const BUFFER_BYTES = 8_192;

/** A client has sent something by then; a connection that is open longer without makes room. */
const SILENT_MS = 3_000;

/** A request has its answer by then, even among thousands on a machine at other work; half of one makes room. */
const ASKING_MS = 10_000;

/** An answer has arrived as a whole by then; its connection makes room for others. */
const ANSWERED_MS = 100;

/** Relays until standard input closes or a signal arrives; calls `onReady` once the relay works. */
export async function relayMetadata(toPort: number, onReady: () => void): Promise<void> {
  const end = endOfCaller();
  const rooms = openRooms();
  // Another proxy has the address, and must keep it.
  const existing = bindExisting();
  const address = await LoopbackAddress.add();
  try {
    using listener = existing ?? bind();
    void acceptAll(listener, toPort, rooms);
    onReady();
    await end;
  } finally {
    await address.remove();
  }
}

/**
 * Waits until the caller ends or closes the pipe, whose other end nobody else has. Ctrl-C is meant for the
 * command of `exec`, which may continue.
 */
async function endOfCaller(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = listen([
    ["SIGTERM", resolve],
    ["SIGHUP", resolve],
    ["SIGINT", () => {}],
    ["SIGQUIT", () => {}],
  ]);
  await Promise.race([promise, readToEnd()]);
  stop();
}

async function readToEnd(): Promise<void> {
  const buffer = new Uint8Array(256);
  while (await Deno.stdin.read(buffer).catch(() => null) !== null);
}

/** Listens at the address if it is there already, because somebody else added it or a killed proxy left it. */
function bindExisting(): Deno.Listener | undefined {
  try {
    return bind();
  } catch (error) {
    const { cause } = error as VaultError;
    if (cause instanceof Deno.errors.AddrNotAvailable) return undefined;
    throw error;
  }
}

function bind(): Deno.Listener {
  try {
    return Deno.listen({ hostname: ADDRESS, port: PORT, tcpBacklog: BACKLOG });
  } catch (cause) {
    const owner = findListener(ADDRESS, PORT);
    const why = owner === undefined
      ? failureReason(cause)
      : `${quote(owner.name)} (process ${owner.pid}) uses it`;
    const message = `Cannot listen on ${quote(`${ADDRESS}:${PORT}`)}: ${why}`;
    throw new VaultError("conflict", message, { cause });
  }
}

/** Room for connections. */
interface Rooms {
  /** For every open one. */
  readonly open: RelayRoom;
  /** For those that are relayed. */
  readonly relayed: RelayRoom;
}

function openRooms(): Rooms {
  const libc = openLibc();
  if (libc !== undefined) raiseOpenFileLimit(libc);
  const files = (libc && openFileLimit(libc)) ?? MOST_OPEN;
  const most = Math.min(MOST_OPEN, files - MOST_RELAYED - OTHER_FILES);
  return {
    open: new RelayRoom({ most: Math.max(most, 1), graceMs: SILENT_MS }),
    relayed: new RelayRoom({ most: MOST_RELAYED, graceMs: ASKING_MS, answeredMs: ANSWERED_MS }),
  };
}

/**
 * Accepts without a pause: where the kernel's queue is full, a client believes that it is connected, and what
 * it sends arrives seconds later.
 */
async function acceptAll(listener: Deno.Listener, toPort: number, rooms: Rooms): Promise<void> {
  while (true) {
    let connection: Deno.Conn;
    try {
      connection = await listener.accept();
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return;
      // For example, the client is already gone, or too many files are open.
      await new Promise((resolve) => setTimeout(resolve, 10));
      continue;
    }
    if (!isFromHere(connection)) {
      connection.close();
      continue;
    }
    const entered = await rooms.open.enter();
    void attend(connection, toPort, { ...rooms, entered }).finally(() => rooms.open.leave(entered));
  }
}

/**
 * Whether a connection comes from this machine. A guest (minikube, a container, a virtual machine) whose
 * packets to the address are routed here must not get the credentials of this machine's programs
 * (https://github.com/99designs/aws-vault/issues/595).
 */
function isFromHere({ remoteAddr }: Deno.Conn): boolean {
  const { hostname } = remoteAddr as Deno.NetAddr;
  return hostname === ADDRESS || /^127\./.test(hostname);
}

/** Relays a connection once it has sent something, and there is room. Until then it may have to make room. */
async function attend(
  from: Deno.Conn,
  toPort: number,
  { open, relayed, entered }: Rooms & { entered: AbortController },
): Promise<void> {
  using _ = from;
  const first = await readFirst(from, entered.signal);
  if (first === undefined) return;
  open.settle(entered);
  const relaying = await relayed.enter();
  try {
    await passOn(from, toPort, {
      first,
      signal: relaying.signal,
      onAsked: () => relayed.asked(relaying),
      onAnswered: () => relayed.answered(relaying),
    });
  } catch {
    // One side has closed, must make room, or the caller is ending.
  } finally {
    relayed.leave(relaying);
  }
}

/** The first bytes; `undefined` if the connection ends without any, or must make room. */
async function readFirst(from: Deno.Conn, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const end = () => from.close();
  signal.addEventListener("abort", end);
  try {
    const buffer = new Uint8Array(FIRST_BYTES);
    const length = await from.read(buffer);
    return length === null ? undefined : buffer.subarray(0, length);
  } catch {
    return undefined;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** A connection that is relayed. */
interface Relaying {
  /** What was read of it. */
  readonly first: Uint8Array;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Called whenever the client has sent something. */
  readonly onAsked: () => void;
  /** Called whenever it was sent something. */
  readonly onAnswered: () => void;
}

async function passOn(
  from: Deno.Conn,
  toPort: number,
  { first, signal, onAsked, onAnswered }: Relaying,
): Promise<void> {
  using to = await Deno.connect({ hostname: "127.0.0.1", port: toPort, signal });
  const end = () => {
    from.close();
    to.close();
  };
  signal.addEventListener("abort", end);
  try {
    await writeAll(to, first);
    await Promise.all([copy(from, to, onAsked), copy(to, from, onAnswered)]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Copies until one side closes, and says so to the other; the runtime's own streams take twice as long. */
async function copy(from: Deno.Conn, to: Deno.Conn, onCopied: () => void): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (let length; (length = await from.read(buffer)) !== null;) {
    await writeAll(to, buffer.subarray(0, length));
    onCopied();
  }
  await to.closeWrite();
}

async function writeAll(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}
