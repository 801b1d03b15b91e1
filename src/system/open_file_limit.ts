import type { Libc } from "./ffi/libc.ts";

/** Restores the raised limit. */
type Undo = () => void;

/** For a server's connections; macOS refuses more than 10,240 unless its kernel limit was raised. */
const MOST_WANTED = [65_536n, 10_240n];

/** The soft limit that {@linkcode raiseOpenFileLimit} found. */
let given: bigint | undefined;

/**
 * Raises the soft limit of open files to the hard one, up to 65,536, for a server: at the usual 1,024
 * every program of this machine could fill it with idle connections. The compiled program's runtime does
 * not raise it by itself, unlike the `deno` program.
 */
export function raiseOpenFileLimit(libc: Libc): void {
  const ours = readLimit(libc);
  if (ours === undefined) return;
  const { soft, hard } = ours;
  for (const wanted of MOST_WANTED) {
    const raised = wanted < hard ? wanted : hard;
    if (raised <= soft) return;
    if (!setLimit(libc, { soft: raised, hard })) continue;
    given = soft;
    return;
  }
}

/**
 * Starts a program under the soft limit of open files that we inherited.
 *
 * Deno raises its soft limit to the hard one at start and forgets the old value. A child that inherits
 * the raised limit breaks if it uses select(2), and is slow if it closes all descriptors up to the limit.
 * The inherited limit is known if we raised it ourselves. Otherwise the parent's is used, which is nearly
 * always the same. If that cannot be read (macOS), or the parent's hard limit differs, nothing changes.
 *
 * Where more files than that are open here, nothing could start under it, so that a program of this machine
 * could keep a server from its helpers by idle connections: then the child gets our limit.
 */
export function underInheritedLimit<T>(libc: Libc | undefined, start: () => T): T {
  const undo = libc && lowerLimit(libc);
  if (undo === undefined) return start();
  try {
    return start();
  } catch (error) {
    if (!isOutOfFiles(error)) throw error;
  } finally {
    undo();
  }
  return start();
}

function lowerLimit(libc: Libc): Undo | undefined {
  const ours = readLimit(libc);
  if (ours === undefined) return undefined;
  const soft = given ?? parentSoft(ours);
  if (soft === undefined || soft >= ours.soft) return undefined;
  setLimit(libc, { soft, hard: ours.hard });
  return () => void setLimit(libc, ours);
}

/** EMFILE, which Deno has no class for. */
function isOutOfFiles(error: unknown): boolean {
  return error instanceof Error && error.message.includes("(os error 24)");
}

/** How many files this process may have open. */
export function openFileLimit(libc: Libc): number | undefined {
  const soft = readLimit(libc)?.soft;
  return soft === undefined ? undefined : Number(soft);
}

/** A soft and a hard limit. */
interface Limit {
  readonly soft: bigint;
  readonly hard: bigint;
}

function readLimit({ calls, constants }: Libc): Limit | undefined {
  const ours = new BigUint64Array(2);
  if (calls.getrlimit(constants.RLIMIT_NOFILE, ours) !== 0) return undefined;
  return { soft: ours[0]!, hard: ours[1]! };
}

function setLimit({ calls, constants }: Libc, { soft, hard }: Limit): boolean {
  return calls.setrlimit(constants.RLIMIT_NOFILE, new BigUint64Array([soft, hard])) === 0;
}

function parentSoft({ hard }: Limit): bigint | undefined {
  const parent = parentLimit();
  return parent?.hard === hard ? parent.soft : undefined;
}

/** The parent's line `Max open files  1024  524288  files` (proc_pid_limits(5)). */
function parentLimit(): Limit | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const limits = Deno.readTextFileSync(`/proc/${Deno.ppid}/limits`);
    const found = /^Max open files +(\d+) +(\d+)/m.exec(limits);
    return found ? { soft: BigInt(found[1]!), hard: BigInt(found[2]!) } : undefined;
  } catch {
    return undefined;
  }
}
