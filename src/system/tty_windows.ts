import { type Console, INPUT_MODE, openConsole } from "./ffi/console.ts";
import type { Tty } from "./tty.ts";

const LOOK_AGAIN_MS = 20;
/** A read that finds nothing ends after a tenth of a second, as on POSIX terminals. */
const LOOKS = 5;

/** Opens the console (`CONIN$`, `CONOUT$`); `undefined` if the process has none. */
export function openWindowsTty(): Tty | undefined {
  try {
    const console = openConsole();
    return console && new WindowsTty(console);
  } catch {
    return undefined;
  }
}

/**
 * The console with its wide-character calls.
 *
 * Its bytes are in a code page: decoded as UTF-8, as before release 8, all letters outside ASCII became
 * the same character, in passphrases too.
 */
class WindowsTty implements Tty {
  readonly #console: Console;
  readonly #encoder = new TextEncoder();
  #saved: number | undefined;
  /** The first half of a surrogate pair whose second half has not arrived yet. */
  #half = "";

  constructor(console: Console) {
    this.#console = console;
  }

  readiness(): "ready" | "gone" {
    return this.#console.inputMode() === undefined ? "gone" : "ready";
  }

  write(text: string): void {
    this.#console.write(text.replaceAll("\n", "\r\n"));
  }

  enterRaw(): void {
    const mode = this.#console.inputMode();
    if (mode === undefined) return;
    this.#saved ??= mode;
    const { PROCESSED, LINE, ECHO } = INPUT_MODE;
    const raw = mode & ~(PROCESSED | LINE | ECHO);
    if (raw !== mode) this.#console.setInputMode(raw);
  }

  restore(): void {
    if (this.#saved !== undefined) this.#console.setInputMode(this.#saved);
    this.#saved = undefined;
  }

  take(): boolean {
    return true;
  }

  async read(): Promise<Uint8Array> {
    let typed = "";
    for (let looks = 0; typed === "" && looks < LOOKS; looks++) {
      if (looks > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      typed = this.#console.readTyped();
    }
    const text = this.#half + typed;
    this.#half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? "";
    return this.#encoder.encode(text.slice(0, text.length - this.#half.length));
  }

  oldReading(text: string): string {
    return this.#console.oldReading(text);
  }
}
