/** When something ends by itself, in words. */

import { counted } from "../text.ts";

/** How long before something ends its profile says so. */
const NOTE_DAYS = 14;

/** Whether what ends then is to be renewed now. */
export function isEnding(notAfter: Temporal.Instant, now: Temporal.Instant): boolean {
  return notAfter.since(now).total("hours") < NOTE_DAYS * 24;
}

/** When something ends and how long that is from now, as a clause. */
export function describeEnd(notAfter: Temporal.Instant, now: Temporal.Instant): string {
  const at = notAfter.toString({ smallestUnit: "second" });
  if (Temporal.Instant.compare(notAfter, now) <= 0) return `expired at ${at}`;
  const days = Math.floor(notAfter.since(now).total("hours") / 24);
  return `expires in ${days === 0 ? "less than a day" : counted(days, "day")}, at ${at}`;
}
