/** The page on this machine to which a browser delivers the answer of a sign-in (RFC 8252, 7.3). */

import { isSameSecret } from "../constant_time.ts";
import type { RedirectOnce } from "../browser/redirect_once.ts";
import { Secret } from "../secret.ts";
import { type Outcome, renderAnswer } from "./answer_page.ts";

/** The answer that the browser delivered. */
export type BrowserAnswer =
  | { readonly kind: "code"; readonly code: Secret }
  | { readonly kind: "error"; readonly error: string; readonly description: string };

/** The redirect path that AWS accepts. */
export const CALLBACK_PATH = "/oauth/callback";

/**
 * Accepts one answer, and lets the browser wait for its page until {@linkcode Callback.finish} gives the
 * result.
 *
 * Any page in the person's browser can send requests here, and so can programs of other users: only
 * an answer with the state of this sign-in counts, only the first one, and only at the address that AWS
 * was given. Other requests do not end the wait, or anyone could end every sign-in.
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

  /** Sets the result for the page that the browser waits for. */
  finish(outcome: Outcome): void {
    this.#outcome.resolve(outcome);
  }

  /** Answers a request; `host` is the address at which this server listens. */
  async handle(request: Request, host: string): Promise<Response> {
    const url = new URL(request.url);
    // With a name that resolves to 127.0.0.1, another page could read this one (DNS rebinding).
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
