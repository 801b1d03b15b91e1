/** A clock of one program's own, which can be moved while it runs (libfaketime). */

import { requireService, runs } from "../../services.ts";

/** Whether there is one, for the test that uses it. */
export function requireMovableClock(): { ignore: boolean } {
  if (Deno.build.os !== "linux") return { ignore: true };
  return requireService(
    "faketime",
    runs("faketime", "-f", "+1d", "true"),
    "apt-get install faketime",
  );
}

/** The clock, which is right at first. */
export class MovableClock {
  readonly #file: string;

  /** `file`: a path for it. */
  constructor(file: string) {
    this.#file = file;
    Deno.writeTextFileSync(file, "+0\n");
  }

  /** What stands before the words of the program: `env` with what leads it to the clock. */
  get words(): string[] {
    const library = "/usr/$LIB/faketime/libfaketimeMT.so.1";
    const FAKETIME = [`FAKETIME_TIMESTAMP_FILE=${this.#file}`, "FAKETIME_NO_CACHE=1"];
    // How long things take stays true: only the time of day moves.
    return ["env", `LD_PRELOAD=${library}`, ...FAKETIME, "FAKETIME_DONT_FAKE_MONOTONIC=1"];
  }

  /** Puts it forward, against the true time. */
  moveTo(seconds: number): void {
    Deno.writeTextFileSync(this.#file, `+${seconds}\n`);
  }
}
