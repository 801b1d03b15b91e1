/** Named pipes of one user (`namedpipeapi.h`), polled instead of read with calls that wait. */

import { wideString } from "./credentialw.ts";
import { openUserCalls, type UserCalls } from "./process_user.ts";

const KERNEL32 = {
  // HANDLE (LPCWSTR, DWORD open, DWORD mode, DWORD most, DWORD out, DWORD in, DWORD ms, LPSECURITY_ATTRIBUTES)
  CreateNamedPipeW: {
    parameters: ["buffer", "u32", "u32", "u32", "u32", "u32", "u32", "buffer"],
    result: "u64",
  },
  // HANDLE (LPCWSTR, DWORD access, DWORD share, LPSECURITY_ATTRIBUTES, DWORD how, DWORD flags, HANDLE)
  CreateFileW: {
    parameters: ["buffer", "u32", "u32", "pointer", "u32", "u32", "u64"],
    result: "u64",
  },
  // BOOL (LPCWSTR, DWORD ms)
  WaitNamedPipeW: { parameters: ["buffer", "u32"], result: "i32", nonblocking: true },
  // BOOL (HANDLE, LPVOID, DWORD, LPDWORD, LPDWORD available, LPDWORD)
  PeekNamedPipe: {
    parameters: ["u64", "pointer", "u32", "pointer", "buffer", "pointer"],
    result: "i32",
  },
  // BOOL (HANDLE, LPVOID, DWORD, LPDWORD read, LPOVERLAPPED)
  ReadFile: { parameters: ["u64", "buffer", "u32", "buffer", "pointer"], result: "i32" },
  WriteFile: { parameters: ["u64", "buffer", "u32", "buffer", "pointer"], result: "i32" },
  // BOOL (HANDLE, PULONG)
  GetNamedPipeClientProcessId: { parameters: ["u64", "buffer"], result: "i32" },
  GetNamedPipeServerProcessId: { parameters: ["u64", "buffer"], result: "i32" },
  CloseHandle: { parameters: ["u64"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

type Calls = Deno.DynamicLibrary<typeof KERNEL32>["symbols"];

const INVALID_HANDLE = 0xffffffffffffffffn;
const PIPE_ACCESS_DUPLEX = 0x3;
/** Makes the call fail if a pipe of that name already exists. */
const FIRST_PIPE_INSTANCE = 0x80000;
const REJECT_REMOTE_CLIENTS = 0x8;
const UNLIMITED_INSTANCES = 255;
const GENERIC_READ_WRITE = 0xc0000000;
const OPEN_EXISTING = 3;
/** SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION: the listener cannot impersonate us. */
const IDENTIFICATION = 0x110000;

/** Longer than any line of ours, so that a write never waits for the reader. */
const BUFFER_BYTES = 1 << 20;

const WAIT_MS = 200;

/** One end of a pipe. */
export interface PipeEnd {
  /** How many bytes can be read; `undefined` as long as, or once, nobody is at the other end. */
  available(): number | undefined;
  /** Reads at most this many of the available bytes. */
  read(most: number): Uint8Array;
  write(bytes: Uint8Array<ArrayBuffer>): void;
  /** Whether the program at the other end runs as this user. */
  isOwn(): boolean;
  close(): void;
}

/** The pipes of this user. */
export interface NamedPipes {
  /**
   * Makes an end that a client may connect to; `undefined` if that is not possible. The first end is made
   * only if nobody else has a pipe of this name.
   */
  listen(name: string, options: { readonly isFirst: boolean }): PipeEnd | undefined;
  /** Connects to an end; `undefined` if none is free. */
  connect(name: string): PipeEnd | undefined;
  /** Waits until an end of the pipe is free; `false` if there is no pipe of that name. */
  waitFor(name: string): Promise<boolean>;
}

/** The calls of this system. */
export function openNamedPipes(): NamedPipes {
  const { symbols: calls } = Deno.dlopen("kernel32.dll", KERNEL32);
  const users = openUserCalls();
  // Only this user, whatever the parent's default is; without this everybody may read.
  const security = users.ownerOnly();
  return {
    listen(name, { isFirst }) {
      const open = PIPE_ACCESS_DUPLEX | (isFirst ? FIRST_PIPE_INSTANCE : 0);
      const mode = REJECT_REMOTE_CLIENTS, size = BUFFER_BYTES, most = UNLIMITED_INSTANCES;
      const path = wideString(name);
      const end = calls.CreateNamedPipeW(path, open, mode, most, size, size, 0, security);
      return endOf(calls, users, end, "GetNamedPipeClientProcessId");
    },
    connect(name) {
      const path = wideString(name), access = GENERIC_READ_WRITE, how = OPEN_EXISTING;
      const end = calls.CreateFileW(path, access, 0, null, how, IDENTIFICATION, 0n);
      return endOf(calls, users, end, "GetNamedPipeServerProcessId");
    },
    async waitFor(name) {
      const start = performance.now();
      const isFree = await calls.WaitNamedPipeW(wideString(name), WAIT_MS) !== 0;
      // The reason of the failure may be lost by now, but only a missing pipe fails without waiting.
      return isFree || performance.now() - start >= WAIT_MS / 2;
    },
  };
}

function endOf(
  calls: Calls,
  users: UserCalls,
  handle: bigint,
  peer: "GetNamedPipeClientProcessId" | "GetNamedPipeServerProcessId",
): PipeEnd | undefined {
  if (handle === INVALID_HANDLE) return undefined;
  const count = new Uint32Array(1);
  return {
    available() {
      const isConnected = calls.PeekNamedPipe(handle, null, 0, null, count, null) !== 0;
      return isConnected ? count[0]! : undefined;
    },
    read(most) {
      const bytes = new Uint8Array(most);
      const isRead = calls.ReadFile(handle, bytes, most, count, null) !== 0;
      return bytes.subarray(0, isRead ? count[0]! : 0);
    },
    write: (bytes) => void calls.WriteFile(handle, bytes, bytes.length, count, null),
    isOwn: () => calls[peer](handle, count) !== 0 && users.isOwnProcess(count[0]!),
    close: () => void calls.CloseHandle(handle),
  };
}
