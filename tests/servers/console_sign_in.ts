/**
 * The sign-in service of AWS's console: exchanges temporary credentials for a token that signs in once (IAM
 * User Guide, "Enable custom identity broker access to the AWS console").
 */

import { randomToken } from "./random_ids.ts";
import { Refusal } from "./refusal.ts";
import { type WireAnswer, type WireRequest, WireServer } from "./http.ts";
import type { World } from "./world.ts";

/** Where the real one is; a test sends to its own what goes there. */
export const SIGN_IN_HOST = "https://signin.aws.amazon.com";

/** A token is taken once, and within this time. */
const TOKEN_MS = 15 * 60_000;

/** A request for a token that was granted. */
export interface GrantedSignIn {
  readonly arn: string;
  readonly sessionSeconds: number | undefined;
}

/** Serves the sign-in pages beside a fake AWS. */
export class ConsoleSignIn implements AsyncDisposable {
  readonly granted: GrantedSignIn[] = [];
  /** Every address that was asked for, without what was posted. */
  readonly asked: string[] = [];
  readonly #world: World;
  readonly #tokens = new Map<string, number>();
  readonly #server: WireServer;

  constructor(world: World) {
    this.#world = world;
    this.#server = new WireServer((request) => Promise.resolve(this.#answer(request)));
  }

  get url(): string {
    return this.#server.url;
  }

  /** The tokens that were handed out. */
  tokens(): string[] {
    return [...this.#tokens.keys()];
  }

  #answer(request: WireRequest): WireAnswer {
    this.asked.push(`${request.method} ${request.target}`);
    try {
      const url = new URL(request.target, this.url);
      const form = new URLSearchParams(new TextDecoder().decode(request.body));
      if (url.pathname === "/federation" && form.get("Action") === "getSigninToken") {
        return this.#grant(form);
      }
      if (url.pathname === "/federation" && url.searchParams.get("Action") === "login") {
        return this.#signIn(url.searchParams);
      }
      if (url.pathname === "/oauth" && url.searchParams.get("Action") === "logout") {
        return redirect(url.searchParams.get("redirect_uri") ?? "");
      }
      throw new Refusal(400, "BadRequest", "unknown action");
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 400;
      return { status, headers: { "content-type": "text/html" }, body: "<h1>error</h1>" };
    }
  }

  #grant(form: URLSearchParams): WireAnswer {
    const { sessionId, sessionKey, sessionToken } = JSON.parse(form.get("Session") ?? "");
    const { secret, caller } = this.#world.credentialsOf(sessionId, sessionToken);
    const session = caller.session;
    if (secret !== sessionKey || session === undefined || session.kind === "session") {
      throw new Refusal(400, "BadRequest", "these credentials do not sign in");
    }
    const asked = form.get("SessionDuration");
    const seconds = asked === null ? undefined : Number(asked);
    const isLong = seconds !== undefined && (session.kind !== "role" || session.isChained);
    if (isLong || seconds !== undefined && !(seconds >= 900 && seconds <= 43_200)) {
      throw new Refusal(400, "BadRequest", "SessionDuration");
    }
    this.granted.push({ arn: session.arn, sessionSeconds: seconds });
    const token = randomToken();
    this.#tokens.set(token, this.#world.now() + TOKEN_MS);
    const body = JSON.stringify({ SigninToken: token });
    return { status: 200, headers: { "content-type": "application/json" }, body };
  }

  #signIn(query: URLSearchParams): WireAnswer {
    const token = query.get("SigninToken") ?? "";
    const until = this.#tokens.get(token);
    this.#tokens.delete(token);
    const isComplete = query.get("Issuer") && query.get("Destination");
    if (until === undefined || until < this.#world.now() || !isComplete) {
      throw new Refusal(400, "BadRequest", "the token is not good");
    }
    return redirect(query.get("Destination")!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

function redirect(location: string): WireAnswer {
  return { status: 302, headers: { location }, body: "" };
}
