import type { SessionCache } from "../cache/cached_sessions.ts";
import { counted } from "../text.ts";

/** The age of a key, in words: `93 days`. */
export function formatAge(created: Temporal.Instant | undefined, now: Temporal.Instant): string {
  if (created === undefined) return "of unknown age";
  return `${counted(Math.max(0, Math.floor(now.since(created).total("hours") / 24)), "day")} old`;
}

/**
 * Notes when a key was first seen, if AWS has not reported when it was created: a hint that a key is old can
 * rely on that, but a list of ages cannot. AWS's times are whole seconds, so a fraction marks ours.
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

/** Whether a noted time is AWS's creation time, and not just when the key was first seen. */
export function isMadeThen(noted: Temporal.Instant): boolean {
  return noted.epochMilliseconds % 1000 === 0;
}
