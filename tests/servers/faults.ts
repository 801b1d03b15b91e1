/** How the fake AWS misbehaves, when a test asks for it. */

/** The kinds of misbehaviour. Where one _acts_, the call takes effect although its answer is of no use. */
export const FAULT_KINDS = [
  /** 400 `Throttling`. */
  "throttle",
  /** 503 `SlowDown`. */
  "slow-down",
  /** 500 `InternalFailure`, as AWS writes it. */
  "internal",
  /** 500 with a page of HTML, as a load balancer writes it. */
  "html-500",
  /** 200 with a page of HTML, as a captive portal writes it. */
  "html-200",
  /** Acts, and cuts the connection in the middle of the answer's body. */
  "cut-body",
  /** Acts, and answers 200 with no body. */
  "empty-body",
  /** Acts, and ends the connection before the first byte: the effect is there, the answer is lost. */
  "lose-answer",
  /** Ends the connection before the first byte, without acting. */
  "close",
  /** Does not act, and answers CreateAccessKey with the key that signed the call, as a stale copy would. */
  "known-key",
  /** Waits for `release()`, then acts and answers. */
  "hang",
  /** Acts, and waits for `release()` before it answers. */
  "hang-after",
  /** Waits for `release()`, then ends the connection, without acting. */
  "hang-instead",
  /** Waits `ms` milliseconds, then acts and answers. */
  "delay",
  /** 403 `AccessDenied`. */
  "deny",
  /** Refuses with `status`, `code` and `message`. */
  "refuse",
] as const;

/** One of {@linkcode FAULT_KINDS}. */
export type FaultKind = typeof FAULT_KINDS[number];

/** An entry of the script. */
export interface FaultSpec {
  readonly kind: FaultKind;
  /** The action it is for, such as `AssumeRole`; any by default. */
  readonly action?: string;
  /** How many calls it befalls; 1 by default. */
  readonly times?: number;
  /** How many calls of the action it lets pass before. */
  readonly after?: number;
  readonly ms?: number;
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
}

/** The script of faults; each entry must be used up. */
export class FaultScript {
  readonly #entries: { spec: FaultSpec; after: number; left: number }[] = [];
  #released = Promise.withResolvers<void>();
  #hanging = Promise.withResolvers<void>();
  /** How many calls have hung so far. */
  hung = 0;
  #onHang: (() => void)[] = [];

  add(spec: FaultSpec): void {
    this.#entries.push({ spec, after: spec.after ?? 0, left: spec.times ?? 1 });
  }

  /** The fault that befalls this call, which is thereby used. The entries are tried in their order. */
  take(action: string): FaultSpec | undefined {
    for (const entry of this.#entries) {
      if (entry.left === 0 || (entry.spec.action ?? action) !== action) continue;
      if (entry.after > 0) entry.after--;
      else {
        entry.left--;
        return entry.spec;
      }
    }
    return undefined;
  }

  /** What of the script no call has used, in words. */
  unused(): string[] {
    return this.#entries.filter((entry) => entry.left > 0)
      .map(({ spec, left }) => `${spec.kind} of ${spec.action ?? "any action"} (${left} left)`);
  }

  /** Forgets what is left, for a test that stops half-way on purpose. */
  clear(): void {
    this.#entries.length = 0;
  }

  /** Waits until the hanging calls are let go. */
  async hang(): Promise<void> {
    this.hung++;
    this.#hanging.resolve();
    for (const awake of this.#onHang.splice(0)) awake();
    await this.#released.promise;
  }

  /** Waits until a call hangs that was not let go. */
  async untilHanging(): Promise<void> {
    await this.#hanging.promise;
  }

  /** Waits until more calls have hung than so many, released or not. */
  async untilMoreHang(count: number): Promise<void> {
    while (this.hung <= count) await new Promise<void>((awake) => this.#onHang.push(awake));
  }

  /** Lets every hanging call go on; later ones hang again. */
  release(): void {
    this.#hanging = Promise.withResolvers();
    this.#released.resolve();
    this.#released = Promise.withResolvers();
  }
}
