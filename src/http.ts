/** HTTP, to the extent that the program uses it. */

/** HTTP as AWS needs it: small requests, small answers, no redirects, no cookies. */
export interface Http {
  /** Sends one request, once. Throws {@linkcode HttpFailure}. */
  send(request: HttpRequest): Promise<HttpResponse>;
}

/** One request. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** The limit for the whole exchange, the answer's body included. */
  readonly timeoutMs: number;
  /** PEM certificates to trust in addition to the system's (`ca_bundle`). */
  readonly caCertificates?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bypasses every proxy: for services of this machine that are not on loopback. */
  readonly isDirect?: boolean | undefined;
}

/** One whole answer, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that got no whole answer. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
  /**
   * `unsent`: no connection, so the server cannot have acted. `unanswered`: it may have acted, but no
   * answer began to arrive. `cut`: the answer ended early. `timeout`: it may have acted.
   * `untrusted`: the certificate was refused. `proxy`: a proxy asks for credentials. `closed-proxy`: like
   * `unsent`, because a proxy cannot be reached or does not connect.
   */
  readonly kind:
    | "unsent"
    | "unanswered"
    | "cut"
    | "timeout"
    | "untrusted"
    | "proxy"
    | "closed-proxy";

  constructor(kind: HttpFailure["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
