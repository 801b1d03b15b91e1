import type { Random } from "../host.ts";

/**
 * A page on this machine that redirects to another address, once.
 *
 * Every user of the machine can read a browser's command line. So the browser gets this address,
 * which is worthless a moment later, and not the address of a sign-in with its state or code.
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
