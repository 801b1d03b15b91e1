/** The user of a Windows process, from its token (`processthreadsapi.h`, `securitybaseapi.h`, `sddl.h`). */

const KERNEL32 = {
  // HANDLE (DWORD access, BOOL inherit, DWORD pid)
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "u64" },
  CloseHandle: { parameters: ["u64"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const ADVAPI32 = {
  // BOOL (HANDLE process, DWORD access, PHANDLE token)
  OpenProcessToken: { parameters: ["u64", "u32", "buffer"], result: "i32" },
  // BOOL (HANDLE token, TOKEN_INFORMATION_CLASS, LPVOID, DWORD, PDWORD length)
  GetTokenInformation: { parameters: ["u64", "i32", "buffer", "u32", "buffer"], result: "i32" },
  // BOOL (LPCWSTR, DWORD revision, PSECURITY_DESCRIPTOR *, PULONG)
  ConvertStringSecurityDescriptorToSecurityDescriptorW: {
    parameters: ["buffer", "u32", "buffer", "pointer"],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const THIS_PROCESS = 0xffffffffffffffffn;
const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;
const TOKEN_QUERY = 0x8;
/** TokenUser: a `TOKEN_USER`, which begins with a pointer to the SID behind its 16 bytes. */
const TOKEN_USER = { kind: 1, sidAt: 16 } as const;
/** A `SID`: revision, count of parts, authority in 6 bytes, then parts of 4 bytes. */
const SID = { countAt: 1, partsAt: 8 } as const;

/** The system's calls about users. */
export interface UserCalls {
  /** Whether a process runs as this process's user; also `false` if that cannot be determined. */
  isOwnProcess(pid: number): boolean;
  /** `SECURITY_ATTRIBUTES` for an object that only this user may use. Throws if the system cannot make them. */
  ownerOnly(): Uint8Array<ArrayBuffer>;
}

/** Opens the two libraries. */
export function openUserCalls(): UserCalls {
  const { symbols: kernel } = Deno.dlopen("kernel32.dll", KERNEL32);
  const { symbols: calls } = Deno.dlopen("advapi32.dll", ADVAPI32);

  function userOf(process: bigint): string | undefined {
    const token = new BigUint64Array(1), length = new Uint32Array(1), buffer = new Uint8Array(256);
    if (calls.OpenProcessToken(process, TOKEN_QUERY, token) === 0) return undefined;
    const kind = TOKEN_USER.kind;
    const isKnown = calls.GetTokenInformation(token[0]!, kind, buffer, buffer.length, length);
    kernel.CloseHandle(token[0]!);
    return isKnown === 0 ? undefined : formatSid(buffer.subarray(TOKEN_USER.sidAt));
  }

  const me = userOf(THIS_PROCESS);
  return {
    isOwnProcess(pid) {
      const process = kernel.OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, pid);
      if (process === 0n) return false;
      const user = userOf(process);
      kernel.CloseHandle(process);
      return user !== undefined && user === me;
    },
    ownerOnly() {
      const text = Uint16Array.from(`D:P(A;;GA;;;${me})\0`, (unit) => unit.charCodeAt(0));
      const descriptor = new BigUint64Array(1);
      const { ConvertStringSecurityDescriptorToSecurityDescriptorW: convert } = calls;
      if (me === undefined || convert(text, 1, descriptor, null) === 0) {
        throw new Error("Windows makes no security descriptor");
      }
      // The length, a pointer at 8, and whether children inherit the handle.
      const attributes = new Uint8Array(24);
      const view = new DataView(attributes.buffer);
      view.setUint32(0, attributes.length, true);
      view.setBigUint64(8, descriptor[0]!, true);
      return attributes;
    },
  };
}

/** A security identifier as text: `S-1-5-21-…`. */
export function formatSid(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const count = view.getUint8(SID.countAt);
  const authority = view.getUint16(2) * 2 ** 32 + view.getUint32(4);
  const parts = Array.from({ length: count }, (_, i) => view.getUint32(SID.partsAt + 4 * i, true));
  return ["S", view.getUint8(0), authority, ...parts].join("-");
}
