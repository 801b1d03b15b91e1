import type { Clock } from "./host.ts";
import type { Talk } from "./talk.ts";

const FIRST_AFTER_MS = 3_000;
const AGAIN_AFTER_MS = 10_000;

/** Work that is done item by item and takes long. */
export interface Work {
  readonly total: number;
  /** In the plural: `keys`. */
  readonly nouns: string;
}

/** Shows how much of long work is done and how long the rest will take; shows nothing for short work. */
export class Progress {
  readonly #deps: { readonly clock: Pick<Clock, "monotonicMs">; readonly talk: Talk };
  readonly #work: Work;
  readonly #startMs: number;
  #nextMs: number;
  #done = 0;

  constructor(
    deps: { readonly clock: Pick<Clock, "monotonicMs">; readonly talk: Talk },
    work: Work,
    firstAfterMs: number = FIRST_AFTER_MS,
  ) {
    this.#deps = deps;
    this.#work = work;
    this.#startMs = deps.clock.monotonicMs();
    this.#nextMs = this.#startMs + firstAfterMs;
  }

  /** Counts one more item as done. */
  step(): void {
    this.#done++;
    const { clock, talk } = this.#deps;
    const { total, nouns } = this.#work;
    const now = clock.monotonicMs();
    if (now < this.#nextMs || this.#done >= total) return;
    this.#nextMs = now + AGAIN_AFTER_MS;
    const leftMs = (now - this.#startMs) / this.#done * (total - this.#done);
    talk.note(`${this.#done} of ${total} ${nouns} done, about ${formatLeft(leftMs)} left`);
  }
}

function formatLeft(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
