import { AwsV4Signer } from "aws4fetch";
import type { Credentials } from "../credentials.ts";

/** A request as it is signed: nothing that changes on the way belongs into its headers. */
export interface UnsignedRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Who signs, for which service and region, and when. */
export interface Signing {
  readonly credentials: Credentials;
  readonly service: string;
  readonly region: string;
  /** AWS's idea of the time: it refuses what is more than 5 minutes off, some services 15. */
  readonly now: Temporal.Instant;
}

/**
 * Signs a request with AWS Signature Version 4, and gives its headers (names in lower case) with
 * `authorization`, `x-amz-date` and, for temporary credentials, `x-amz-security-token` added.
 *
 * Every header that is given is signed, `host` too, which is not among the result.
 */
export async function signRequest(
  request: UnsignedRequest,
  signing: Signing,
): Promise<Record<string, string>> {
  const { credentials, service, region, now } = signing;
  const signer = new AwsV4Signer({
    method: request.method,
    url: request.url,
    headers: { ...request.headers },
    ...(request.body === undefined ? {} : { body: request.body }),
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey.reveal(),
    ...(credentials.sessionToken ? { sessionToken: credentials.sessionToken.reveal() } : {}),
    service,
    region,
    datetime: renderSigningTime(now),
    allHeaders: true,
  });
  const signed = await signer.sign();
  return Object.fromEntries(signed.headers);
}

/** The form of `X-Amz-Date`: `20260102T030405Z`. */
function renderSigningTime(instant: Temporal.Instant): string {
  return instant.toString({ smallestUnit: "second" }).replaceAll("-", "").replaceAll(":", "");
}
