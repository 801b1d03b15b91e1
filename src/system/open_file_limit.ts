import type { Libc } from "./ffi/libc.ts";

/** Puts the raised limit back; does nothing where none was lowered. */
type Undo = () => void;

/**
 * Lowers the soft limit of open files to what our parent has, for a program that is started now.
 *
 * Deno raises its own soft limit to the hard one at start and forgets the old value. A child that
 * inherits it breaks where it uses select(2), and is slow where it closes all descriptors up to the
 * limit. What this process was given is not known any more, so the parent's is taken, which nearly
 * always is the same; where that cannot be read (macOS), or the parent's hard limit is another, the
 * limit stays as it is.
 */
export function lowerOpenFileLimit(libc: Libc): Undo {
  const ours = new BigUint64Array(2);
  const { RLIMIT_NOFILE } = libc.constants;
  if (libc.calls.getrlimit(RLIMIT_NOFILE, ours) !== 0) return () => {};
  const [soft, hard] = [ours[0]!, ours[1]!];
  const parent = parentLimit();
  if (parent === undefined || parent.hard !== hard || parent.soft >= soft) return () => {};
  libc.calls.setrlimit(RLIMIT_NOFILE, new BigUint64Array([parent.soft, hard]));
  return () => {
    libc.calls.setrlimit(RLIMIT_NOFILE, new BigUint64Array([soft, hard]));
  };
}

/** The parent's line `Max open files  1024  524288  files` (proc_pid_limits(5)). */
function parentLimit(): { soft: bigint; hard: bigint } | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const limits = Deno.readTextFileSync(`/proc/${Deno.ppid}/limits`);
    const found = /^Max open files +(\d+) +(\d+)/m.exec(limits);
    return found ? { soft: BigInt(found[1]!), hard: BigInt(found[2]!) } : undefined;
  } catch {
    return undefined;
  }
}
