/**
 * The path of this program, or `undefined` if the system does not show it.
 *
 * On Linux this reads the link itself: if it cannot be read (`/proc` is not mounted), the runtime's
 * call ends the process with a trace.
 */
export function executablePath(): string | undefined {
  if (Deno.build.os !== "linux") return Deno.execPath();
  try {
    return Deno.readLinkSync("/proc/self/exe");
  } catch {
    return undefined;
  }
}
