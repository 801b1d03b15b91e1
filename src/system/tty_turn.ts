/** Decides whether and when a question may be asked at a terminal that other processes also use. */

import { VaultError } from "../errors.ts";
import type { AskOptions } from "../terminal.ts";
import type { Tty } from "./tty.ts";

/** How long to wait for a question of another of our processes. */
const TAKEN_FOR_MS = 60_000;

/** Returns the terminal if it can be read, otherwise throws `needs-person`. */
export function ready(tty: Tty | undefined): Tty {
  const readiness = tty?.readiness() ?? "gone";
  if (tty && readiness === "ready") return tty;
  throw readiness === "background"
    ? new VaultError("needs-person", "Cannot ask: the terminal belongs to another job", {
      hints: ["Bring this job to the foreground, or run it there"],
    })
    : new VaultError("needs-person", "Cannot ask: there is no terminal");
}

/** Waits while another of our processes is asking at this terminal, but not forever. */
export async function untilTaken(tty: Tty, deadline: Deadline): Promise<void> {
  const start = performance.now();
  while (!tty.take() && performance.now() - start < TAKEN_FOR_MS) {
    deadline.check();
    await new Promise((resolve) => setTimeout(resolve, 100));
    ready(tty);
  }
}

/** The time limit and the abort signal of a question. */
export class Deadline {
  readonly #options: AskOptions;
  readonly #start = performance.now();
  #hasTyped = false;

  constructor(options: AskOptions) {
    this.#options = options;
  }

  /** Notes that something was typed, so somebody is there. */
  noteTyped(): void {
    this.#hasTyped = true;
  }

  check(): void {
    this.#options.signal?.throwIfAborted();
    const { timeoutMs, waitsForTyping } = this.#options;
    if (timeoutMs === undefined || (waitsForTyping && this.#hasTyped)) return;
    if (performance.now() - this.#start < timeoutMs) return;
    throw new VaultError(
      "needs-person",
      `Cannot ask: nobody answered within ${timeoutMs / 1000} s`,
    );
  }
}
