/** Which process listens on a port (Linux: proc_net_tcp(5)). */

/** A process, described for a person. */
interface Owner {
  readonly name: string;
  readonly pid: number;
}

/** The process that listens on an IPv4 address and port, or on all addresses; `undefined` if unknown. */
export function findListener(address: string, port: number): Owner | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const inodes = new Set([
    ...listening("/proc/net/tcp", [hexOf(address), "00000000"], port),
    ...listening("/proc/net/tcp6", ["0".repeat(32)], port),
  ]);
  return inodes.size === 0 ? undefined : findOwner(inodes);
}

/** The kernel's notation of an address on little-endian machines: the last byte first. */
function hexOf(address: string): string {
  return new Uint8Array(address.split(".").map(Number).toReversed()).toHex().toUpperCase();
}

/** The state of a socket that listens. */
const LISTEN = "0A";

function listening(table: string, addresses: readonly string[], port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return linesOf(table).flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    const [address = "", at] = local.split(":");
    const isIt = state === LISTEN && at === wanted && addresses.includes(address);
    return isIt ? [`socket:[${inode}]`] : [];
  });
}

function linesOf(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n");
  } catch {
    return [];
  }
}

function findOwner(inodes: ReadonlySet<string>): Owner | undefined {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name) || !hasOpen(`/proc/${name}/fd`, inodes)) continue;
    return { name: linesOf(`/proc/${name}/comm`)[0] ?? "", pid: Number(name) };
  }
  return undefined;
}

function hasOpen(folder: string, inodes: ReadonlySet<string>): boolean {
  try {
    return [...Deno.readDirSync(folder)].some(({ name }) => {
      try {
        return inodes.has(Deno.readLinkSync(`${folder}/${name}`));
      } catch {
        return false;
      }
    });
  } catch {
    // The process has ended, or belongs to another user.
    return false;
  }
}
