import type { Tty } from "./tty.ts";

/** Opens the console (`CONIN$`, `CONOUT$`); `undefined` where the process has none. */
export function openWindowsTty(): Tty | undefined {
  try {
    const input = Deno.openSync("CONIN$", { read: true, write: true });
    const output = Deno.openSync("CONOUT$", { read: true, write: true });
    return input.isTerminal() ? new WindowsTty(input, output) : undefined;
  } catch {
    return undefined;
  }
}

/** The console by Deno's own raw mode. A read cannot be cancelled, so a pending one is kept for the next call. */
class WindowsTty implements Tty {
  readonly #input: Deno.FsFile;
  readonly #output: Deno.FsFile;
  readonly #encoder = new TextEncoder();
  #raw = false;
  #reading: Promise<Uint8Array> | undefined;

  constructor(input: Deno.FsFile, output: Deno.FsFile) {
    this.#input = input;
    this.#output = output;
  }

  readiness(): "ready" {
    return "ready";
  }

  write(text: string): void {
    this.#output.writeSync(this.#encoder.encode(text.replaceAll("\n", "\r\n")));
  }

  enterRaw(): void {
    if (!this.#raw) this.#input.setRaw(true);
    this.#raw = true;
  }

  restore(): void {
    if (this.#raw) this.#input.setRaw(false);
    this.#raw = false;
  }

  take(): boolean {
    return true;
  }

  async read(): Promise<Uint8Array> {
    this.#reading ??= this.#readKeys();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const pause = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), 100);
    });
    const typed = await Promise.race([this.#reading, pause]);
    clearTimeout(timer);
    if (typed === undefined) return new Uint8Array();
    this.#reading = undefined;
    return typed;
  }

  async #readKeys(): Promise<Uint8Array> {
    const buffer = new Uint8Array(1024);
    const count = await this.#input.read(buffer);
    return buffer.subarray(0, count ?? 0);
  }
}
