/**
 * The user at the other end of a Unix socket, as the kernel recorded it at the other side's `connect(2)` or
 * `listen(2)`; nothing that the other side sends is trusted.
 *
 * The runtime does not expose the descriptors of its sockets, so they are searched among those of this
 * process, by the path that the socket is bound to.
 */

import { dlopenLibc } from "./libc.ts";

const NAMES = {
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const DARWIN_SYMBOLS = {
  ...NAMES,
  getpeereid: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The calls that the systems share. */
type NameCalls = Deno.StaticForeignLibraryInterface<typeof NAMES>;

interface Library {
  readonly calls: NameCalls;
  /** The user at the other end of a descriptor; `undefined` if the system does not tell. */
  readonly userOf: (descriptor: number) => number | undefined;
}

const AF_UNIX = 1;

/** `SOL_SOCKET`, `SO_PEERCRED` and `SO_ACCEPTCONN` on x86-64 and arm64 (socket(7)); Darwin's own (sys/socket.h). */
const LINUX = { SOL_SOCKET: 1, SO_PEERCRED: 17, SO_ACCEPTCONN: 30 } as const;
const DARWIN = { SOL_SOCKET: 0xffff, SO_ACCEPTCONN: 0x2 } as const;

/** Longer than any system's `struct sockaddr_un`. */
const ADDRESS_BYTES = 128;

let opened: Library | undefined | false = false;

/**
 * The users at the other ends of this process's connected sockets that are bound to a path (`own`) or
 * connected to a socket bound to it (`peer`); `undefined` for a user that the system does not report.
 */
export function usersAt(path: string, which: "own" | "peer"): (number | undefined)[] {
  if (opened === false) opened = Deno.build.os === "darwin" ? openDarwin() : openLinux();
  if (opened === undefined) return [];
  const { calls, userOf } = opened;
  const name = which === "own" ? calls.getsockname : calls.getpeername;
  const wanted = new TextEncoder().encode(path);
  return descriptors()
    .filter((descriptor) => isAt(name, descriptor, wanted) && !listens(calls, descriptor))
    .map(userOf);
}

function descriptors(): number[] {
  return [...Deno.readDirSync("/dev/fd")].map(({ name }) => Number(name)).filter(Number.isInteger);
}

/** `sun_path` begins after two bytes: the family, or on Darwin the length and the family. */
function isAt(
  name: NameCalls["getsockname"],
  descriptor: number,
  path: Uint8Array,
): boolean {
  const address = new Uint8Array(ADDRESS_BYTES);
  const length = new Uint32Array([ADDRESS_BYTES]);
  if (name(descriptor, address, length) !== 0) return false;
  const family = Deno.build.os === "darwin" ? address[1] : address[0];
  if (family !== AF_UNIX || length[0]! > ADDRESS_BYTES) return false;
  const found = address.subarray(2, length[0]);
  const end = found.indexOf(0);
  const text = end < 0 ? found : found.subarray(0, end);
  return text.length === path.length && text.every((byte, at) => byte === path[at]);
}

function listens(calls: NameCalls, descriptor: number): boolean {
  const { SOL_SOCKET, SO_ACCEPTCONN } = Deno.build.os === "darwin" ? DARWIN : LINUX;
  const [value, length] = [new Uint32Array(1), new Uint32Array([4])];
  const code = calls.getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, value, length);
  return code === 0 && value[0] !== 0;
}

/** Opens the calls for Linux; `struct ucred` is three numbers: process, user, group (unix(7)). */
function openLinux(): Library | undefined {
  const calls = dlopenLibc(NAMES)?.calls;
  return calls && {
    calls,
    userOf(descriptor) {
      const credentials = new Uint32Array(3);
      const length = new Uint32Array([credentials.byteLength]);
      const { SOL_SOCKET, SO_PEERCRED } = LINUX;
      const code = calls.getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, credentials, length);
      return code === 0 && length[0] === credentials.byteLength ? credentials[1] : undefined;
    },
  };
}

function openDarwin(): Library | undefined {
  const calls = dlopenLibc(DARWIN_SYMBOLS)?.calls;
  return calls && {
    calls,
    userOf(descriptor) {
      const [user, group] = [new Uint32Array(1), new Uint32Array(1)];
      return calls.getpeereid(descriptor, user, group) === 0 ? user[0] : undefined;
    },
  };
}
