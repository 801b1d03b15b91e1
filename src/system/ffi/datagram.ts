/** A datagram to a Unix socket, for which the runtime has no stable function. */

import { dlopenLibc } from "./libc.ts";

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const AF_UNIX = 1;
/** `SOCK_DGRAM`, and `MSG_DONTWAIT` with `MSG_NOSIGNAL`, of socket(2) and send(2). */
const LINUX = { type: 2 | 0o2000000, flags: 0x40 | 0x4000 } as const;
const DARWIN = { type: 2, flags: 0x80 } as const;

/**
 * Sends one datagram to the listener at a path without waiting, and returns whether the kernel accepted it.
 * No listener, a full queue and a datagram that is too long all give `false`.
 */
export function sendDatagram(path: string, bytes: Uint8Array<ArrayBuffer>): boolean {
  const libc = dlopenLibc(SYMBOLS);
  if (libc === undefined) return false;
  const { socket, connect, send, close } = libc.calls;
  const { type, flags } = Deno.build.os === "darwin" ? DARWIN : LINUX;
  const descriptor = socket(AF_UNIX, type, 0);
  if (descriptor < 0) return false;
  try {
    const address = addressOf(path);
    if (connect(descriptor, address, address.length) < 0) return false;
    return Number(send(descriptor, bytes, BigInt(bytes.length), flags)) === bytes.length;
  } finally {
    close(descriptor);
  }
}

/** Makes a `struct sockaddr_un`: on macOS its first byte is the length, and the second the family. */
function addressOf(path: string): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(`${path}\0`);
  const address = new Uint8Array(2 + name.length);
  address.set(Deno.build.os === "darwin" ? [address.length, AF_UNIX] : [AF_UNIX, 0]);
  address.set(name, 2);
  return address;
}
