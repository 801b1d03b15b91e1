/**
 * What a credential server answers with: JSON that no cache keeps.
 *
 * The SDKs differ in how they spell what is in an error (Go `code`, JavaScript `Code`), so both are
 * there (docs/formats.md, "Container credential endpoint").
 */

import type { Credentials } from "../credentials.ts";
import type { VaultError } from "../errors.ts";
import type { Clock } from "../host.ts";

const HEADERS = {
  "Content-Type": "application/json",
  // Credentials are in it: neither a proxy nor a browser keeps it, or takes it for anything else.
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
};

type Headers = Readonly<Record<string, string>>;

/** An answer with a body. */
export function answer(body: Readonly<Record<string, unknown>>, headers: Headers = {}): Response {
  return new Response(JSON.stringify(body), { headers: { ...HEADERS, ...headers } });
}

/** An answer that is a text, without a line break at its end: botocore takes it as it is. */
export function answerText(body: string, headers: Headers = {}): Response {
  return new Response(body, { headers: { ...HEADERS, "Content-Type": "text/plain", ...headers } });
}

/** A refusal: a word for programs, and a sentence for people, which says no secret. */
export function refuse(
  status: number,
  code: string,
  message: string,
  headers: Headers = {},
): Response {
  const body = JSON.stringify({ code, message, Code: code, Message: message });
  return new Response(body, { status, headers: { ...HEADERS, ...headers } });
}

/** The answer while there are no credentials: what failed, and what to do. */
export function refuseForNow({ message, hints }: VaultError, headers: Headers = {}): Response {
  return refuse(503, "CredentialsUnavailable", [message, ...hints].join(". "), headers);
}

/** `2026-01-01T00:00:00Z`: whole seconds, which is all that botocore reads. */
export function formatInstant(instant: Temporal.Instant): string {
  return instant.toString({ smallestUnit: "second" });
}

/** The end of credentials; what has no end is asked for again after an hour: some SDKs want an end. */
export function formatEnd({ expiration }: Credentials, clock: Pick<Clock, "now">): string {
  return formatInstant(expiration ?? clock.now().add({ hours: 1 }));
}
