import { endTree } from "./process_tree.ts";
import { DEADLY, endBy, listen } from "./signals.ts";

/** How long a signal may take from the kernel to its listener, where a helper has died of the same one. */
const SETTLE_MS = 200;

/** Ends a program, and what it started, when a signal ends this process; made before the program starts. */
export class EndingWithUs {
  readonly #stop: () => void;
  #signal: Deno.Signal | undefined;
  #child: Deno.ChildProcess | undefined;
  readonly #mark: string;

  /** `mark`: what the program has in its environment. */
  constructor(mark: string) {
    this.#mark = mark;
    // On Windows Ctrl-C reaches every program of the console.
    const signals = Deno.build.os === "windows" ? [] : DEADLY;
    this.#stop = listen(signals.map((signal) => [signal, () => this.#take(signal)]));
  }

  /** Gives the program back that ends with us from here on. */
  watch(child: Deno.ChildProcess): Deno.ChildProcess {
    this.#child = child;
    if (this.#signal !== undefined) void this.#end(child, this.#signal);
    return child;
  }

  #take(signal: Deno.Signal): void {
    if (this.#signal !== undefined) return;
    this.#signal = signal;
    if (this.#child !== undefined) void this.#end(this.#child, signal);
  }

  async #end(child: Deno.ChildProcess, signal: Deno.Signal): Promise<void> {
    await endTree(child.pid, this.#mark);
    this.#stop();
    endBy(signal);
  }

  /** Waits for the end, where a signal has come: what became of the program is then of no interest. */
  async settle(): Promise<void> {
    if (this.#signal === undefined) {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    }
    if (this.#signal !== undefined) await new Promise(() => {});
  }

  /** Stops watching, unless the end has begun. */
  stop(): void {
    if (this.#signal !== undefined && this.#child !== undefined) return;
    this.#stop();
    // It came before the program could not be started.
    if (this.#signal !== undefined) endBy(this.#signal);
  }
}
