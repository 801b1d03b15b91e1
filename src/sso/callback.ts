/** The page on this machine to which a browser brings the answer of a sign-in (RFC 8252, 7.3). */

import { isSameSecret } from "../constant_time.ts";
import type { RedirectOnce } from "../browser/redirect_once.ts";
import { Secret } from "../secret.ts";
import { type Outcome, renderAnswer } from "./answer_page.ts";

/** What the browser brought. */
export type BrowserAnswer =
  | { readonly kind: "code"; readonly code: Secret }
  | { readonly kind: "error"; readonly error: string; readonly description: string };

/** The path that AWS lets a redirect have. */
export const CALLBACK_PATH = "/oauth/callback";

/**
 * Takes one answer, and lets the browser wait for its page until {@linkcode Callback.finish} says what
 * became of it.
 *
 * Pages of anybody in the person's browser can send requests here, and programs of other users too: only
 * an answer with the state of this sign-in counts, the first one, and only under the address that AWS was
 * given. Others do not end the waiting, or anybody could end every sign-in.
 */
export class Callback {
  /** The one answer. */
  readonly answer: Promise<BrowserAnswer>;
  readonly #take: (answer: BrowserAnswer) => void;
  readonly #outcome = Promise.withResolvers<Outcome>();
  readonly #state: Secret;
  readonly #start: RedirectOnce;
  #isTaken = false;

  constructor(state: Secret, start: RedirectOnce) {
    const { promise, resolve } = Promise.withResolvers<BrowserAnswer>();
    this.answer = promise;
    this.#take = resolve;
    this.#state = state;
    this.#start = start;
  }

  /** Says what the page says that the browser waits for. */
  finish(outcome: Outcome): void {
    this.#outcome.resolve(outcome);
  }

  /** Answers a request; `host` is the address that this server listens under. */
  async handle(request: Request, host: string): Promise<Response> {
    const url = new URL(request.url);
    // A name that leads to 127.0.0.1 is another page's way to read what is here (DNS rebinding).
    if (request.headers.get("host") !== host || url.host !== host) return refuse(403);
    if (request.method !== "GET") return refuse(405);
    const start = this.#start.answer(url);
    if (start !== undefined) return start;
    if (url.pathname === this.#start.path) return await renderAnswer("used");
    if (url.pathname !== CALLBACK_PATH) return refuse(404);
    if (!this.#hasState(url)) return await renderAnswer("wrong-state");
    const answer = parseAnswer(url);
    if (this.#isTaken || answer === undefined) return await renderAnswer("expired");
    this.#isTaken = true;
    this.#take(answer);
    return await renderAnswer(await this.#outcome.promise);
  }

  #hasState({ searchParams }: URL): boolean {
    const given = searchParams.getAll("state");
    return given.length === 1 && isSameSecret(given[0]!, this.#state.reveal());
  }
}

function parseAnswer({ searchParams }: URL): BrowserAnswer | undefined {
  const error = searchParams.get("error");
  if (error !== null) {
    const description = searchParams.get("error_description") ?? "";
    return { kind: "error", error, description };
  }
  const code = searchParams.get("code");
  return code ? { kind: "code", code: new Secret(code) } : undefined;
}

function refuse(status: number): Response {
  return new Response(null, {
    status,
    headers: { "cache-control": "no-store", connection: "close" },
  });
}
