import { endTree } from "./process_tree.ts";
import { DEADLY, endBy, listen } from "./signals.ts";

/** How long a signal may take to reach its listener when a helper has died of the same signal. */
const SETTLE_MS = 200;

/** Ends a program, and what it started, when a signal ends this process; create it before the program. */
export class EndingWithUs {
  readonly #stop: () => void;
  #signal: Deno.Signal | undefined;
  #child: Deno.ChildProcess | undefined;
  readonly #mark: string;

  /** `mark`: in the program's environment. */
  constructor(mark: string) {
    this.#mark = mark;
    // On Windows Ctrl-C reaches every program of the console.
    const signals = Deno.build.os === "windows" ? [] : DEADLY;
    this.#stop = listen(signals.map((signal) => [signal, () => this.#take(signal)]));
  }

  /** Returns the program, which ends with us from here on. */
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

  /** Waits for the end if a signal has arrived: the program's result no longer matters then. */
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
    // The signal came, and then the program failed to start.
    if (this.#signal !== undefined) endBy(this.#signal);
  }
}
