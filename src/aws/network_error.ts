import { AwsError, VaultError } from "../errors.ts";
import type { HttpFailure } from "../http.ts";
import { shorten } from "../text.ts";

/** Whether AWS may have acted on a request whose answer was lost. */
export type Lost = "no" | "perhaps";

/** AWS could not be reached, or its answer could not be read. */
export class NetworkError extends VaultError {
  override readonly name = "NetworkError";
  /** Whether AWS may have acted in one of the tries. */
  readonly mayHaveActed: boolean;

  constructor(
    message: string,
    mayHaveActed: boolean,
    options: { hints?: readonly string[]; cause?: unknown } = {},
  ) {
    super("network", message, options);
    this.mayHaveActed = mayHaveActed;
  }

  /** The error for a request that got no complete answer. */
  static ofFailure(what: string, host: string, failure: HttpFailure, lost: Lost): NetworkError {
    const reason = shorten(failure.message);
    return new NetworkError(`${PROBLEMS[failure.kind](what, host)}: ${reason}`, lost !== "no", {
      hints: HINTS[failure.kind],
      cause: failure,
    });
  }

  /** The error for an answer that cannot come from AWS. */
  static ofAnswer(
    what: string,
    host: string,
    status: number,
    reason: string,
    lost: Lost,
    server = "AWS",
  ): NetworkError {
    return new NetworkError(
      `Cannot read the answer of ${host} to ${what}: status ${status}, ${shorten(reason)}`,
      lost !== "no",
      {
        hints: status >= 500
          ? [`${server} or a proxy in between has a problem: try again later`]
          : [`Check that no proxy or network sign-in page answers for ${server}`],
      },
    );
  }
}

const PROBLEMS: Record<HttpFailure["kind"], (what: string, host: string) => string> = {
  unsent: (what, host) => `Cannot reach ${host} for ${what}`,
  proxy: (what, host) => `Cannot reach ${host} for ${what}`,
  "closed-proxy": (what, host) => `Cannot reach ${host} for ${what}`,
  untrusted: (what, host) => `Cannot trust ${host} for ${what}`,
  timeout: (what, host) => `${host} did not answer ${what} in time`,
  unanswered: (what, host) => `${host} did not answer ${what}`,
  cut: (what, host) => `The answer of ${host} to ${what} was cut off`,
};

const PROXY_HINT = "Behind a proxy, set HTTPS_PROXY (and NO_PROXY for hosts that must bypass it)";

const HINTS: Record<HttpFailure["kind"], readonly string[]> = {
  unsent: ["Check the network, and the region or endpoint_url that is configured", PROXY_HINT],
  proxy: ["Ask your network administrator for the proxy's user name and password"],
  "closed-proxy": [
    "Check the proxy address in that variable; NO_PROXY lists the hosts that need no proxy",
  ],
  untrusted: [
    "Behind a proxy that intercepts TLS, set ca_bundle or AWS_CA_BUNDLE to a file with its certificate",
    "A clock that is wrong makes every certificate look expired: check this machine's date",
  ],
  timeout: ["Check the network and try again", PROXY_HINT],
  unanswered: ["Try again; a proxy in between may be closing connections"],
  cut: ["Try again; a proxy in between may be closing connections"],
};

/** The codes with which AWS rejects a request unprocessed because there are too many. */
const THROTTLE_CODES: ReadonlySet<string> = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "PriorRequestNotComplete",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

/** Whether a refusal is a throttle: AWS did not act, and accepts the request later. */
export function isThrottle(code: string, status: number): boolean {
  return status === 429 || THROTTLE_CODES.has(code);
}

/**
 * Whether AWS may have carried out a failed call, so that the caller has to check.
 *
 * True for a lost answer and for AWS's own failures (5xx); false for a refusal, a throttle and a
 * request that was never sent.
 */
export function mayHaveActed(error: unknown): boolean {
  if (error instanceof NetworkError) return error.mayHaveActed;
  return error instanceof AwsError && error.status >= 500 &&
    !isThrottle(error.awsCode, error.status);
}
