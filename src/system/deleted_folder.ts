/**
 * The working folder that was deleted while somebody was in it.
 *
 * The compiled program leaves it before the runtime starts, and keeps it open (`scripts/start_code.ts`):
 * what `exec` starts is put back, since a relative path must not come to mean a file elsewhere.
 */

/** The least number of the descriptor; see `scripts/start_code.ts`. */
const LEAST = 64;

/** The descriptor of the folder; `undefined` where the working folder is there. */
export function deletedFolder(): number | undefined {
  if (Deno.build.os !== "linux" || !/^\/(proc\/\d+)?$/.test(Deno.cwd())) return undefined;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    const isGone = Number(name) >= LEAST && / \(deleted\)$|^\(unreachable\)/.test(linkOf(name));
    if (isGone && Deno.statSync(`/proc/self/fd/${name}`).isDirectory) return Number(name);
  }
  return undefined;
}

/** Empty for the descriptor of the listing itself, which is closed by now. */
function linkOf(name: string): string {
  try {
    return Deno.readLinkSync(`/proc/self/fd/${name}`);
  } catch {
    return "";
  }
}
