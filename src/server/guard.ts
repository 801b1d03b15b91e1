/**
 * Checks who may call a credential server: the program that was given the token, at the address
 * that it was given, and with a request that contains nothing else.
 */

import { isSameSecret } from "../constant_time.ts";
import type { Secret } from "../secret.ts";
import { refuse } from "./answer.ts";

/** The requirements on a request. */
export interface Gate {
  /** `127.0.0.1:40123`. */
  readonly host: string;
  readonly token: Secret;
}

/** The refusal of a request; `undefined` if it may pass. */
export function findRefusal(request: Request, { host, token }: Gate): Response | undefined {
  const foreign = findForeign(request, host);
  if (foreign !== undefined) return foreign;
  if (!isSameSecret(request.headers.get("authorization") ?? "", token.reveal())) {
    return refuse(
      401,
      "Unauthorized",
      "The Authorization header does not have this server's token",
    );
  }
  if (request.method !== "GET") return refuseMethod("GET");
  return undefined;
}

/**
 * The refusal of a request that was sent to another host, or through another machine; one of
 * `hosts` is this server's, in which `*` is any numeric address.
 */
export function findForeign(request: Request, ...hosts: readonly string[]): Response | undefined {
  // A page in a browser can send requests to any port here, under a host name that its
  // owner resolves to 127.0.0.1 (DNS rebinding); the browser sends that name.
  const host = request.headers.get("host") ?? "";
  const isOurs = hosts.some((own) => isHost(host, own));
  if (!isOurs || !request.url.startsWith(`http://${host}/`)) {
    const message = "This server only answers at the address that it announced";
    return refuse(403, "ForbiddenHost", message);
  }
  // A web server on this machine that can be made to fetch URLs acts for somebody elsewhere (SSRF).
  // AWS's metadata service refuses that, too (EC2 User Guide, "Use IMDSv2").
  if (request.headers.has("x-forwarded-for")) {
    return refuse(400, "Forwarded", "This server does not answer requests forwarded by a proxy");
  }
  return undefined;
}

/**
 * The path with its query, as it was sent. It is not normalized: any spelling other than the one
 * that this server gives out leads nowhere.
 */
export function pathOf({ url }: Request): string {
  return url.slice(url.indexOf("/", "http://".length));
}

function isHost(said: string, own: string): boolean {
  const host = withPort(said);
  if (!own.startsWith("*")) return host === withPort(own);
  return host.endsWith(own.slice(1)) && /^(\d+(\.\d+){3}|\[[0-9a-f:.]+\]):\d+$/.test(host);
}

/** Most clients omit the number of port 80; the SDK for Go does not. */
function withPort(host: string): string {
  return /:\d+$/.test(host) ? host : `${host}:80`;
}

/** The answer to a method that is not allowed. */
export function refuseMethod(allowed: string): Response {
  return refuse(405, "MethodNotAllowed", `Only ${allowed} requests are answered`, {
    Allow: allowed,
  });
}
