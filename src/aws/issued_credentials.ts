/**
 * Reads the credentials in an answer of STS, as untrusted text from the network.
 *
 * The endpoint is not always AWS's (`endpoint_url`, a proxy that intercepts TLS). Its answer
 * becomes environment variables, headers and rows of the cache, so its format and its times are
 * checked here.
 */

import type { Credentials } from "../credentials.ts";
import { Secret } from "../secret.ts";
import { NetworkError } from "./network_error.ts";
import type { XmlElement } from "./xml.ts";

/** How much later than requested an expiration may be: clocks differ. */
const TOLERANCE_SECONDS = 5 * 60;

/** The request that an answer is checked against. */
export interface IssueRequest {
  readonly action: string;
  /** The requested duration; AWS's default if the request named none. */
  readonly durationSeconds: number;
  /** AWS's time, as far as it is known. */
  readonly now: Temporal.Instant;
}

/**
 * Reads the credentials of an answer; `arn` names their account.
 *
 * An expiration later than requested is shortened: credentials that never end would be served from
 * the cache forever. Throws `NetworkError` for an expiration in the past, and for anything that
 * cannot be an access key ID, a secret access key or a token.
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

/** ASCII without blanks and control characters: valid in a header and an environment variable. */
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
