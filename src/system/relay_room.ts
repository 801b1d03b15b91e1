/**
 * Room for so many connections at once. Where there is none, the next one waits until another is over; one
 * that has been there for a while makes room at once, or a program that opens many and says nothing would keep
 * everybody else out.
 */
export class RelayRoom {
  readonly #most: number;
  readonly #graceMs: number;
  /** Those that are open, oldest first, and since when. */
  readonly #open = new Map<AbortController, number>();
  #freed = Promise.withResolvers<void>();

  constructor({ most, graceMs }: { most: number; graceMs: number }) {
    this.#most = most;
    this.#graceMs = graceMs;
  }

  /** Waits until there is room for one more, and takes it; it is aborted where it has to make room. */
  async enter(): Promise<AbortController> {
    while (this.#open.size >= this.#most) await this.#makeRoom();
    const entered = new AbortController();
    this.#open.set(entered, performance.now());
    return entered;
  }

  /** One is over. */
  leave(entered: AbortController): void {
    this.#open.delete(entered);
    this.#freed.resolve();
    this.#freed = Promise.withResolvers();
  }

  async #makeRoom(): Promise<void> {
    const [oldest, since] = this.#open.entries().next().value!;
    const leftMs = since + this.#graceMs - performance.now();
    if (leftMs > 0) return await this.#untilFreed(leftMs);
    this.#open.delete(oldest);
    oldest.abort();
  }

  async #untilFreed(mostMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<void>((resolve) => timer = setTimeout(resolve, mostMs));
    await Promise.race([this.#freed.promise, over]);
    clearTimeout(timer);
  }
}
