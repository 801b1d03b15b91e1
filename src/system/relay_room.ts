/**
 * Room for a number of connections at once. If there is none, the next connection waits until another ends.
 * A connection that has been open for a while makes room at once; otherwise a client that opens many idle
 * connections would keep everybody else out.
 */
export class RelayRoom {
  readonly #most: number;
  readonly #graceMs: number;
  /** The open connections, oldest first, and since when they are open. */
  readonly #open = new Map<AbortController, number>();
  #freed = Promise.withResolvers<void>();

  constructor({ most, graceMs }: { most: number; graceMs: number }) {
    this.#most = most;
    this.#graceMs = graceMs;
  }

  /** Waits for room and takes it; the returned controller is aborted if the connection must make room. */
  async enter(): Promise<AbortController> {
    while (this.#open.size >= this.#most) await this.#makeRoom();
    const entered = new AbortController();
    this.#open.set(entered, performance.now());
    return entered;
  }

  /** Frees the room of a connection that has ended. */
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
