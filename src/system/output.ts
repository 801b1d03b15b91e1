import { VaultError } from "../errors.ts";
import type { Output } from "../host.ts";
import { failureReason } from "./file_failure.ts";

/**
 * One of the process's two output streams.
 *
 * A reader that has closed (`aws-vault list | head -1`) is not an error: later output is dropped. Any
 * other failure to write standard output, such as a full disk, is a `VaultError` `file-failed`;
 * standard error's failures are dropped, since there is nowhere left to report them.
 */
export function systemOutput(name: "stdout" | "stderr"): Output {
  const stream = name === "stdout" ? Deno.stdout : Deno.stderr;
  const encoder = new TextEncoder();
  let gone = false;
  return {
    isTerminal: () => stream.isTerminal(),
    columns: () => stream.isTerminal() ? terminalColumns() : undefined,
    write(text) {
      if (gone) return;
      try {
        writeAll(stream, encoder.encode(text));
      } catch (error) {
        gone = true;
        if (name === "stderr" || error instanceof Deno.errors.BrokenPipe) return;
        const message = `Cannot write to standard output: ${failureReason(error)}`;
        throw new VaultError("file-failed", message, { cause: error });
      }
    },
  };
}

/** The terminal's width; a terminal without a configured size has 0. */
function terminalColumns(): number | undefined {
  try {
    return Deno.consoleSize().columns || undefined;
  } catch {
    return undefined;
  }
}

/** Writes all bytes, even to a stream that another process has made non-blocking. */
function writeAll(stream: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(stream.writeSync(rest));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
