import type { SessionCache } from "../cache/cached_sessions.ts";
import { counted } from "../text.ts";

/** How old a key is, in words: `93 days`. */
export function formatAge(created: Temporal.Instant | undefined, now: Temporal.Instant): string {
  if (created === undefined) return "of unknown age";
  return `${counted(Math.max(0, Math.floor(now.since(created).total("hours") / 24)), "day")} old`;
}

/**
 * Notes when a key was first seen, where AWS has not said when it was made: a hint that a key is old can
 * rely on that, and a list of ages cannot. AWS's times are whole seconds, so one with a fraction is ours.
 */
export function noteFirstSeen(
  cache: Pick<SessionCache, "noteKeyCreated">,
  keyName: string,
  now: Temporal.Instant,
): void {
  cache.noteKeyCreated(
    keyName,
    now.round({ smallestUnit: "second", roundingMode: "floor" }).add({ milliseconds: 1 }),
  );
}

/** Whether a noted time is when AWS made the key, and not only when it was first seen. */
export function isMadeThen(noted: Temporal.Instant): boolean {
  return noted.epochMilliseconds % 1000 === 0;
}
