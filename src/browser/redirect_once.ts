import type { Random } from "../host.ts";

/**
 * A page on this machine that leads to another address, once.
 *
 * The command line of a browser can be read by every user of the machine. So the browser gets this
 * address, which is worth nothing a moment later, and not that of a sign-in with its state or code.
 */
export class RedirectOnce {
  readonly path: string;
  readonly #goal: string;
  #isUsed = false;

  constructor(random: Pick<Random, "bytes">, goal: string) {
    this.path = `/${random.bytes(16).toBase64({ alphabet: "base64url", omitPadding: true })}`;
    this.#goal = goal;
  }

  /** The answer to a request for this page; `undefined` for any other. */
  answer(url: URL): Response | undefined {
    if (url.pathname !== this.path || this.#isUsed) return undefined;
    this.#isUsed = true;
    return new Response(null, {
      status: 302,
      headers: {
        location: this.#goal,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        connection: "close",
      },
    });
  }
}
