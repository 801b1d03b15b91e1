/**
 * The path of this program, or `undefined` where the system does not say it.
 *
 * On Linux the link is read here: where it cannot be read (`/proc` is not mounted), the runtime's own
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
