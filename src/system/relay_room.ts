/** When a connection must make room, in milliseconds. */
interface Graces {
  /** After its client has sent a request, or connected. */
  readonly graceMs: number;
  /** After it was answered. */
  readonly answeredMs?: number;
}

/** The controllers of connections, oldest first, and since when they are there. */
type Line = Map<AbortController, number>;

/**
 * Room for a number of connections at once. If there is none, the next connection waits until another ends.
 * A connection that has been open for a while makes room at once; otherwise a client that opens many idle
 * connections would keep everybody else out. One that was answered and only waits for the next request makes
 * room first: clients keep such connections, and can do without.
 */
export class RelayRoom {
  readonly #most: number;
  /** The two lines from which connections are ended, and how long they may be in them. */
  readonly #asking: Line = new Map();
  readonly #answered: Line = new Map();
  readonly #graces: readonly (readonly [Line, number])[];
  /** Those that no longer have to make room here. */
  readonly #settled = new Set<AbortController>();
  #freed = Promise.withResolvers<void>();
  /** Those that wait, one after the other: not all of them wake up whenever one ends. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ most, graceMs, answeredMs = graceMs }: Graces & { most: number }) {
    this.#most = most;
    this.#graces = [[this.#answered, answeredMs], [this.#asking, graceMs]];
  }

  /** Waits for room and takes it; the returned controller is aborted if the connection must make room. */
  enter(): Promise<AbortController> {
    const entering = this.#last.then(() => this.#enter());
    this.#last = entering;
    return entering;
  }

  async #enter(): Promise<AbortController> {
    while (this.#size >= this.#most) await this.#makeRoom();
    const entered = new AbortController();
    this.#asking.set(entered, performance.now());
    return entered;
  }

  get #size(): number {
    return this.#asking.size + this.#answered.size + this.#settled.size;
  }

  /** A connection was answered. */
  answered(entered: AbortController): void {
    // The last of several parts counts.
    const wasHere = this.#asking.delete(entered) || this.#answered.delete(entered);
    if (!wasHere) return;
    this.#answered.set(entered, performance.now());
    // The one that waits may now wait for less time.
    this.#wake();
  }

  /** A connection has sent something; the first part of a request counts. */
  asked(entered: AbortController): void {
    if (this.#answered.delete(entered)) this.#asking.set(entered, performance.now());
  }

  /** From now on, a connection keeps its room until it leaves. */
  settle(entered: AbortController): void {
    if (this.#asking.delete(entered)) this.#settled.add(entered);
  }

  /** Frees the room of a connection that has ended. */
  leave(entered: AbortController): void {
    for (const all of [this.#asking, this.#answered, this.#settled]) all.delete(entered);
    this.#wake();
  }

  #wake(): void {
    this.#freed.resolve();
    this.#freed = Promise.withResolvers();
  }

  async #makeRoom(): Promise<void> {
    const next = this.#next();
    if (next === undefined) return await this.#freed.promise;
    const leftMs = next.endsMs - performance.now();
    if (leftMs > 0) return await this.#untilFreed(leftMs);
    next.line.delete(next.oldest);
    next.oldest.abort();
  }

  /** The connection that has to make room next, and when. */
  #next(): { line: Line; oldest: AbortController; endsMs: number } | undefined {
    const firsts = this.#graces.flatMap(([line, graceMs]) => {
      const first = line.entries().next().value;
      return first === undefined ? [] : [{ line, oldest: first[0], endsMs: first[1] + graceMs }];
    });
    return firsts.sort((one, other) => one.endsMs - other.endsMs)[0];
  }

  async #untilFreed(mostMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<void>((resolve) => timer = setTimeout(resolve, mostMs));
    await Promise.race([this.#freed.promise, over]);
    clearTimeout(timer);
  }
}
