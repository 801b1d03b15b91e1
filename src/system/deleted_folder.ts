/**
 * A working folder that was deleted while a shell was in it.
 *
 * The compiled program leaves it before the runtime starts, but keeps it open (`scripts/start_code.ts`).
 * The child of `exec` is put back into it, since a relative path must not lead to a file elsewhere.
 */

/** The lowest number of the descriptor; see `scripts/start_code.ts`. */
const LEAST = 64;

/** The descriptor of the folder; `undefined` if the working folder exists. */
export function deletedFolder(): number | undefined {
  if (Deno.build.os !== "linux" || !/^\/(proc\/\d+)?$/.test(workingFolder())) return undefined;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    const isGone = Number(name) >= LEAST && / \(deleted\)$|^\(unreachable\)/.test(linkOf(name));
    if (isGone && Deno.statSync(`/proc/self/fd/${name}`).isDirectory) return Number(name);
  }
  return undefined;
}

/** The working folder; empty for a path that is not UTF-8, which the runtime cannot express. */
function workingFolder(): string {
  try {
    return Deno.cwd();
  } catch {
    return "";
  }
}

/** The target of a link; empty for the descriptor of the listing itself, which is closed by now. */
function linkOf(name: string): string {
  try {
    return Deno.readLinkSync(`/proc/self/fd/${name}`);
  } catch {
    return "";
  }
}
