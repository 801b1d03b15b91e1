/**
 * Who may ask a credential server: the program that was given the token, under the address that it was
 * given, and with a request that has nothing in it but that.
 */

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
  if (!isSame(request.headers.get("authorization") ?? "", token.reveal())) {
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

/**
 * In a time that does not say how much of it is right: otherwise who can measure it finds the token
 * character by character.
 */
function isSame(given: string, token: string): boolean {
  let difference = given.length ^ token.length;
  for (let at = 0; at < token.length; at++) {
    difference |= given.charCodeAt(at % Math.max(given.length, 1)) ^ token.charCodeAt(at);
  }
  return difference === 0;
}
