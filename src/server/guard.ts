/**
 * Who may ask a credential server: the program that was given the token, under the address that it was
 * given, and with a request that has nothing in it but that.
 */

import { isSameSecret } from "../constant_time.ts";
import type { Secret } from "../secret.ts";
import { refuse } from "./answer.ts";

/** What a request must have. */
export interface Gate {
  /** `127.0.0.1:40123`. */
  readonly host: string;
  readonly token: Secret;
}

/** The refusal that a request deserves; `undefined`: it may pass. */
export function findRefusal(request: Request, { host, token }: Gate): Response | undefined {
  // A page in a browser can send requests to any port here, under a name of its own that it lets point
  // to 127.0.0.1 (DNS rebinding); the browser says that name.
  if (request.headers.get("host") !== host || new URL(request.url).host !== host) {
    return refuse(
      403,
      "ForbiddenHost",
      "This server answers under the address that it gave out only",
    );
  }
  if (!isSameSecret(request.headers.get("authorization") ?? "", token.reveal())) {
    return refuse(
      401,
      "Unauthorized",
      "The Authorization header does not have this server's token",
    );
  }
  if (request.method !== "GET") {
    return refuse(405, "MethodNotAllowed", "Only GET is answered", { Allow: "GET" });
  }
  return undefined;
}
