import type { HttpResponse } from "../http.ts";
import { type Talk, warnOnce } from "../talk.ts";
import { counted } from "../text.ts";

/** How far AWS's clock is ahead of ours, in milliseconds; 0 until something says otherwise. */
export interface ClockSkew {
  offsetMs: number;
}

/** AWS refuses signatures that are 5 minutes off (STS); below 4 the clock is not what is wrong. */
const TOLERATED_MS = 4 * 60_000;

/**
 * A date that is further away is not taken for AWS's time: signatures for it would serve anyone who
 * gave it, long after the day.
 */
const BELIEVED_MS = 24 * 3_600_000;

/** The refusals that a clock that is wrong can lead to. */
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
 * The offset to sign with after a refusal, in milliseconds, or `undefined` where the clock is not
 * to blame: the code is another one, the answer has no date or one that is over a day away, or what
 * was signed was near enough.
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

/** Besides, what AWS says to a date that no calendar of its own has, such as one of the year 33658. */
const FAR_CODES: ReadonlySet<string> = new Set([
  ...SKEW_CODES,
  "IncompleteSignature",
  "IncompleteSignatureException",
]);

/** What to do about a refusal whose answer is dated over a day away; empty for any other. */
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
