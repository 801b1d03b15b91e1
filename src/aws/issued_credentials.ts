/**
 * Credentials in an answer of STS, taken for what they are: text from the network.
 *
 * The endpoint may be somebody else's (`endpoint_url`, a proxy that intercepts TLS). Its answer
 * becomes environment variables, headers and rows of the cache, so its form and its times are
 * checked here.
 */

import type { Credentials } from "../credentials.ts";
import { Secret } from "../secret.ts";
import { NetworkError } from "./network_error.ts";
import type { XmlElement } from "./xml.ts";

/** How much later than what was asked for an expiration may be: clocks differ. */
const TOLERANCE_SECONDS = 5 * 60;

/** What an answer is held against. */
export interface IssueRequest {
  readonly action: string;
  /** For how long the credentials were asked for, AWS's default where the request did not say. */
  readonly durationSeconds: number;
  /** AWS's time, as far as it is known. */
  readonly now: Temporal.Instant;
}

/**
 * The credentials of an answer; `arn` names the account they are of.
 *
 * An expiration beyond what was asked for is cut to it: credentials that never end would be served
 * from the cache forever. Throws `NetworkError` for one that has passed, and for what cannot be an
 * access key id, a secret or a token.
 */
export function readIssuedCredentials(
  request: IssueRequest,
  result: XmlElement,
  arn?: string,
): Credentials {
  const read = (name: string, form: RegExp) => readPart(request.action, result, name, form);
  const accountId = arn?.split(":")[4];
  return {
    accessKeyId: read("AccessKeyId", /^\w{1,128}$/),
    secretAccessKey: new Secret(read("SecretAccessKey", PRINTABLE)),
    sessionToken: new Secret(read("SessionToken", PRINTABLE)),
    expiration: boundExpiration(request, read("Expiration", PRINTABLE)),
    ...(accountId && /^\d{12}$/.test(accountId) ? { accountId } : {}),
  };
}

/** ASCII without blanks and controls: what a header and an environment variable can carry. */
const PRINTABLE = /^[\x21-\x7e]+$/;

function readPart(action: string, result: XmlElement, name: string, form: RegExp): string {
  const text = result.text("Credentials", name) ?? "";
  if (text === "") throw unreadable(action, `it has no ${name}`);
  if (form.test(text)) return text;
  // Not quoted: it may be a secret.
  throw unreadable(action, `its ${name} has invalid characters`);
}

function boundExpiration({ action, durationSeconds, now }: IssueRequest, text: string) {
  const expiration = parseInstant(action, text);
  if (Temporal.Instant.compare(expiration, now) <= 0) {
    throw unreadable(action, `its credentials expired at ${expiration}`, [
      "Check this machine's clock",
    ]);
  }
  const latest = now.add({ seconds: durationSeconds + TOLERANCE_SECONDS });
  return Temporal.Instant.compare(expiration, latest) > 0
    ? now.add({ seconds: durationSeconds })
    : expiration;
}

function parseInstant(action: string, text: string): Temporal.Instant {
  try {
    return Temporal.Instant.from(text);
  } catch {
    throw unreadable(action, `"${text}" is not a time`);
  }
}

function unreadable(action: string, problem: string, hints: readonly string[] = []): NetworkError {
  return new NetworkError(`Cannot read AWS's answer to ${action}: ${problem}`, true, { hints });
}
