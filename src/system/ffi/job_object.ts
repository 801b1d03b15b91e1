/** A job object (`jobapi2.h`), with which Windows ends programs together with this one. */

const KERNEL32 = {
  // HANDLE (LPSECURITY_ATTRIBUTES, LPCWSTR name)
  CreateJobObjectW: { parameters: ["pointer", "pointer"], result: "u64" },
  // BOOL (HANDLE, JOBOBJECTINFOCLASS, LPVOID, DWORD)
  SetInformationJobObject: { parameters: ["u64", "i32", "buffer", "u32"], result: "i32" },
  // BOOL (HANDLE job, HANDLE process)
  AssignProcessToJobObject: { parameters: ["u64", "u64"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** JobObjectExtendedLimitInformation: its size and the offset of its `LimitFlags`, in bytes. */
const LIMITS = { kind: 9, size: 144, flagsAt: 16 } as const;
const KILL_ON_JOB_CLOSE = 0x2000;

/** GetCurrentProcess() */
const THIS_PROCESS = 0xffffffffffffffffn;

/** The programs that this process starts from here on. */
export interface Job {
  /** Lets the programs that still run outlive this process. */
  release(): void;
}

/**
 * Makes everything that this process starts, directly or indirectly, end with it, even when it is killed.
 *
 * This process itself joins the job, so that a child is never outside. `undefined` if there can be no
 * job, because a parent's job forbids it.
 */
export function openJob(): Job | undefined {
  const { symbols: calls } = Deno.dlopen("kernel32.dll", KERNEL32);
  const job = calls.CreateJobObjectW(null, null);
  const limit = (flags: number) => {
    const limits = new Uint8Array(LIMITS.size);
    new DataView(limits.buffer).setUint32(LIMITS.flagsAt, flags, true);
    return calls.SetInformationJobObject(job, LIMITS.kind, limits, LIMITS.size) !== 0;
  };
  if (job === 0n || !limit(KILL_ON_JOB_CLOSE)) return undefined;
  if (calls.AssignProcessToJobObject(job, THIS_PROCESS) === 0) return undefined;
  return { release: () => void limit(0) };
}
