/** The expiration of something such as a certificate, described for a person. */

import { counted } from "../text.ts";

/** How many days before an expiration its profile reports it. */
const NOTE_DAYS = 14;

/** Whether something with this end needs to be renewed now. */
export function isEnding(notAfter: Temporal.Instant, now: Temporal.Instant): boolean {
  return notAfter.since(now).total("hours") < NOTE_DAYS * 24;
}

/** An end and the time left until then, as a clause. */
export function describeEnd(notAfter: Temporal.Instant, now: Temporal.Instant): string {
  const at = notAfter.toString({ smallestUnit: "second" });
  if (Temporal.Instant.compare(notAfter, now) <= 0) return `expired at ${at}`;
  const days = Math.floor(notAfter.since(now).total("hours") / 24);
  return `expires in ${days === 0 ? "less than a day" : counted(days, "day")}, at ${at}`;
}
