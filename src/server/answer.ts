/**
 * The answers of a credential server: JSON that no cache keeps.
 *
 * SDKs spell the fields of an error differently (Go `code`, JavaScript `Code`), so both forms are
 * included (docs/formats.md, "Container credential endpoint").
 */

import type { Credentials } from "../credentials.ts";
import type { VaultError } from "../errors.ts";
import type { Clock } from "../host.ts";

const HEADERS = {
  "Content-Type": "application/json",
  // It contains credentials: proxies and browsers must not keep it, or take it for another type.
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
};

type Headers = Readonly<Record<string, string>>;

/** An answer with a body. */
export function answer(body: Readonly<Record<string, unknown>>, headers: Headers = {}): Response {
  return new Response(JSON.stringify(body), { headers: { ...HEADERS, ...headers } });
}

/** An answer with a text, without a line break at its end: botocore takes it unchanged. */
export function answerText(body: string, headers: Headers = {}): Response {
  return new Response(body, { headers: { ...HEADERS, "Content-Type": "text/plain", ...headers } });
}

/** A refusal: a code for programs, and a sentence for people without any secret. */
export function refuse(
  status: number,
  code: string,
  message: string,
  headers: Headers = {},
): Response {
  const body = JSON.stringify({ code, message, Code: code, Message: message });
  return new Response(body, { status, headers: { ...HEADERS, ...headers } });
}

/** The answer while there are no credentials: the failure, and what to do about it. */
export function refuseForNow({ message, hints }: VaultError, headers: Headers = {}): Response {
  return refuse(503, "CredentialsUnavailable", [message, ...hints].join(". "), headers);
}

/** `2026-01-01T00:00:00Z`: whole seconds, which is all that botocore parses. */
export function formatInstant(instant: Temporal.Instant): string {
  return instant.toString({ smallestUnit: "second" });
}

/** The expiration of credentials; without one, an hour from now, since some SDKs require an expiration. */
export function formatEnd({ expiration }: Credentials, clock: Pick<Clock, "now">): string {
  return formatInstant(expiration ?? clock.now().add({ hours: 1 }));
}
