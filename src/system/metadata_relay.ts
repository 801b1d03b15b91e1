/**
 * Adds the address of EC2's instance metadata service to this machine, and relays its connections to a port
 * of 127.0.0.1: the only part of `exec --ec2-server` that needs root.
 */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { openLibc } from "./ffi/libc.ts";
import { failureReason } from "./file_failure.ts";
import { findListener } from "./listener_owner.ts";
import { raiseOpenFileLimit } from "./open_file_limit.ts";
import { RelayRoom } from "./relay_room.ts";
import { listen } from "./signals.ts";

const ADDRESS = "169.254.169.254";
const PORT = 80;

/** How many connections are relayed at once, with two open files each; the others wait their turn. */
const MOST_CONNECTIONS = 400;

/** SDKs have their answer by then, even among thousands; a connection that is open longer makes room. */
const GRACE_MS = 3_000;

/** The commands that add the address to the loopback interface and remove it. */
const CALLS: Readonly<Record<string, { add: readonly string[]; remove: readonly string[] }>> = {
  linux: {
    add: ["ip", "address", "add", `${ADDRESS}/32`, "dev", "lo"],
    remove: ["ip", "address", "del", `${ADDRESS}/32`, "dev", "lo"],
  },
  darwin: {
    add: ["/sbin/ifconfig", "lo0", "alias", ADDRESS, "255.255.255.255"],
    remove: ["/sbin/ifconfig", "lo0", "-alias", ADDRESS],
  },
};

/** The folders of the administrator's programs; never the caller's `PATH`. */
const PATH = "/usr/sbin:/sbin:/usr/bin:/bin";

/** Relays until standard input closes or a signal arrives; calls `onReady` once the relay works. */
export async function relayMetadata(toPort: number, onReady: () => void): Promise<void> {
  const end = endOfCaller();
  const libc = openLibc();
  if (libc !== undefined) raiseOpenFileLimit(libc);
  const address = await LoopbackAddress.add();
  try {
    using listener = bind();
    void acceptAll(listener, toPort);
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

function bind(): Deno.Listener {
  try {
    return Deno.listen({ hostname: ADDRESS, port: PORT });
  } catch (cause) {
    const owner = findListener(ADDRESS, PORT);
    const why = owner === undefined
      ? failureReason(cause)
      : `${quote(owner.name)} (process ${owner.pid}) uses it`;
    const message = `Cannot listen on ${quote(`${ADDRESS}:${PORT}`)}: ${why}`;
    throw new VaultError("conflict", message, { cause });
  }
}

async function acceptAll(listener: Deno.Listener, toPort: number): Promise<void> {
  const room = new RelayRoom({ most: MOST_CONNECTIONS, graceMs: GRACE_MS });
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
    const entered = await room.enter();
    void passOn(connection, toPort, entered.signal).finally(() => room.leave(entered));
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

async function passOn(from: Deno.Conn, toPort: number, signal: AbortSignal): Promise<void> {
  using _ = from;
  try {
    using to = await Deno.connect({ hostname: "127.0.0.1", port: toPort });
    await Promise.allSettled([
      from.readable.pipeTo(to.writable, { signal }),
      to.readable.pipeTo(from.writable, { signal }),
    ]);
  } catch {
    // One side has closed, or the caller is ending; the streams have closed their connections.
  }
}

/**
 * The address on the loopback interface. A separate process removes it when the pipe to that process
 * closes, in whatever way this process ends.
 */
class LoopbackAddress {
  readonly #watcher: Deno.ChildProcess;
  /** The command that removes the address; absent if it belongs to somebody else. */
  readonly #removal: readonly string[] | undefined;

  private constructor(removal?: readonly string[]) {
    this.#watcher = watch(removal ?? ["true"]);
    this.#removal = removal;
  }

  static async add(): Promise<LoopbackAddress> {
    const calls = CALLS[Deno.build.os];
    if (calls === undefined) {
      throw new VaultError("unsupported", `Cannot serve at ${quote(ADDRESS)} on this system`, {
        hints: ["Use --imds-port 0, or --server"],
      });
    }
    // Created first, so that an end between the two steps leaves nothing behind.
    const address = new LoopbackAddress(calls.remove);
    const { success, stderr } = await run(calls.add);
    if (success) return address;
    // The address existed before, so removing it is not our task.
    await address.#end("keep\n");
    if (/exists|already assigned/.test(stderr)) return new LoopbackAddress();
    throw new VaultError("conflict", `Cannot add the address ${quote(ADDRESS)}: ${stderr.trim()}`);
  }

  async remove(): Promise<void> {
    const isRemoved = await this.#end("");
    // The process that removes it was killed.
    if (!isRemoved && this.#removal !== undefined) await run(this.#removal);
  }

  async #end(word: string): Promise<boolean> {
    const writer = this.#watcher.stdin.getWriter();
    if (word !== "") await writer.write(new TextEncoder().encode(word)).catch(() => {});
    await writer.close().catch(() => {});
    return (await this.#watcher.status).success;
  }
}

/** Starts the watcher outside this process's group, so that a kill of the group does not reach it. */
function watch(remove: readonly string[]): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    args: ["-c", 'read word; [ "$word" = keep ] || exec "$@"', "sh", ...remove],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    clearEnv: true,
    env: { PATH },
    cwd: "/",
    detached: true,
  }).spawn();
}

async function run([program = "", ...args]: readonly string[]) {
  const options = { args, stdin: "null", clearEnv: true, env: { PATH }, cwd: "/" } as const;
  const path = program.includes("/") ? program : findIn(program);
  const { success, stderr } = await new Deno.Command(path, options).output();
  return { success, stderr: new TextDecoder().decode(stderr) };
}

function findIn(program: string): string {
  for (const folder of PATH.split(":")) {
    try {
      if (Deno.statSync(`${folder}/${program}`).isFile) return `${folder}/${program}`;
    } catch {
      // The program is not in this folder.
    }
  }
  throw new VaultError("unsupported", `Cannot find the program ${quote(program)} (iproute2)`);
}
