import type { Clock } from "../../src/host.ts";

/** A clock that stands still until a test moves it; nothing here sleeps. */
export class ManualClock implements Clock {
  /** The length in ms of every sleep that was asked for, in order. */
  readonly sleeps: number[] = [];
  #now: Temporal.Instant;
  #monotonicMs = 0;
  readonly #jumpsOverSleeps: boolean;
  #sleepers: { until: number; wake: () => void }[] = [];

  /** `jumpsOverSleeps`: a sleep ends at once and moves the clock by its length, so that loops need no help. */
  constructor(options: { start?: string; jumpsOverSleeps?: boolean } = {}) {
    this.#now = Temporal.Instant.from(options.start ?? "2026-03-01T12:00:00Z");
    this.#jumpsOverSleeps = options.jumpsOverSleeps ?? false;
  }

  now(): Temporal.Instant {
    return this.#now;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Moves time forward, and wakes what has slept long enough, earliest first. */
  advance(ms: number): void {
    this.#monotonicMs += ms;
    this.jump(ms);
    this.#wakeSleepers();
  }

  /** Moves only the machine's idea of the time, forward or back. */
  jump(ms: number): void {
    this.#now = this.#now.add({ milliseconds: Math.round(ms) });
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(ms);
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#jumpsOverSleeps) {
      this.advance(ms);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const sleeper = { until: this.#monotonicMs + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      }, { once: true });
    });
  }

  #wakeSleepers(): void {
    const due = this.#sleepers.filter((sleeper) => sleeper.until <= this.#monotonicMs);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.until > this.#monotonicMs);
    for (const sleeper of due.sort((a, b) => a.until - b.until)) sleeper.wake();
  }
}
