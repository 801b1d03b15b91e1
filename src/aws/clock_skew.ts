import type { HttpResponse } from "../http.ts";
import { type Talk, warnOnce } from "../talk.ts";
import { counted } from "../text.ts";

/** How far AWS's clock is ahead of ours, in milliseconds; 0 until a refusal shows otherwise. */
export interface ClockSkew {
  offsetMs: number;
}

/** AWS (STS) refuses signatures that are 5 minutes off; below 4 the clock is not the cause. */
const TOLERATED_MS = 4 * 60_000;

/**
 * A date further away is not accepted as AWS's time: signatures for it would be useful to anyone
 * who supplied that date, long after today.
 */
const BELIEVED_MS = 24 * 3_600_000;

/** The refusals that a wrong clock can cause. */
const SKEW_CODES: ReadonlySet<string> = new Set([
  "AuthFailure",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "RequestExpired",
  "RequestInTheFuture",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);

/**
 * The offset to sign with after a refusal, in milliseconds, or `undefined` if the clock is not to
 * blame: the code is a different one, the answer has no date or a date over a day away, or the
 * signing time was near enough.
 */
export function findSkew(
  code: string,
  response: HttpResponse,
  now: Temporal.Instant,
  used: ClockSkew,
): number | undefined {
  const offsetMs = SKEW_CODES.has(code) ? offsetOf(response, now) : undefined;
  if (offsetMs === undefined || Math.abs(offsetMs) > BELIEVED_MS) return undefined;
  return Math.abs(offsetMs - used.offsetMs) > TOLERATED_MS ? offsetMs : undefined;
}

/** Also the codes with which AWS answers a date outside its own calendar, such as one in the year 33658. */
const FAR_CODES: ReadonlySet<string> = new Set([
  ...SKEW_CODES,
  "IncompleteSignature",
  "IncompleteSignatureException",
]);

/** Hints for a refusal whose answer is dated over a day away; empty for any other. */
export function hintsAtFarClock(
  code: string,
  response: HttpResponse,
  now: Temporal.Instant,
): readonly string[] {
  const offsetMs = FAR_CODES.has(code) ? offsetOf(response, now) : undefined;
  if (offsetMs === undefined || Math.abs(offsetMs) <= BELIEVED_MS) return [];
  return ["The answer's date is more than a day off this machine's clock: set the clock"];
}

function offsetOf(response: HttpResponse, now: Temporal.Instant): number | undefined {
  const theirs = Date.parse(response.headers["date"] ?? "");
  return Number.isNaN(theirs) ? undefined : theirs - now.epochMilliseconds;
}

/** Warns, once, that the machine's clock is wrong, and by how much. */
export function reportSkew(talk: Talk, offsetMs: number): void {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const direction = offsetMs > 0 ? "behind" : "ahead of";
  warnOnce(
    talk,
    `This machine's clock is ${counted(minutes, "minute")} ${direction} AWS's: ` +
      "requests are signed with AWS's time for now; set the clock",
    "clock",
  );
}
