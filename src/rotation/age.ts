import { counted } from "../text.ts";

/** How old a key is, in words: `93 days`. */
export function formatAge(created: Temporal.Instant | undefined, now: Temporal.Instant): string {
  if (created === undefined) return "of unknown age";
  return `${counted(Math.max(0, Math.floor(now.since(created).total("hours") / 24)), "day")} old`;
}
