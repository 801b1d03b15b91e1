import { AwsV4Signer } from "aws4fetch";
import type { Credentials } from "../credentials.ts";

/** A request to sign. Its headers must not include any that change in transit. */
export interface UnsignedRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** The credentials, service, region and time of a signature. */
export interface Signing {
  readonly credentials: Credentials;
  readonly service: string;
  readonly region: string;
  /** AWS's time: AWS refuses signatures that are more than 5 minutes off, some services 15. */
  readonly now: Temporal.Instant;
}

/**
 * Signs a request with AWS Signature Version 4, and gives its headers (names in lower case) with
 * `authorization`, `x-amz-date` and, for temporary credentials, `x-amz-security-token` added.
 *
 * Signs every given header, and `host`, which is not part of the result.
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
