/**
 * Writes a program that can be started at once.
 *
 * A child that another test has just forked has the descriptor of the writing, too, until its execve; as long
 * as that is open, the kernel refuses to start the program (ETXTBSY, execve(2)). A lock of flock(2) lasts as
 * long, and the next one waits for its end.
 */
export function writeProgram(path: string, content: string | Uint8Array, mode = 0o755): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  writeLocked(path, bytes, mode);
  if (Deno.build.os === "windows") return;
  Deno.chmodSync(path, mode);
  using written = Deno.openSync(path);
  written.lockSync(true);
}

function writeLocked(path: string, bytes: Uint8Array, mode: number): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true, mode });
  if (Deno.build.os !== "windows") file.lockSync(true);
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
