/** What AWS allows, in seconds (STS API reference, GetSessionToken and AssumeRole). */

/** The longest a role lives that is assumed with a role's or a session's credentials, and AWS's default for any role. */
export const CHAINED_ROLE_MAX_SECONDS = 3600;

const SESSION_MIN_SECONDS = 900;
const SESSION_MAX_SECONDS = 129_600;

/** The nearest duration that GetSessionToken accepts: 900 to 129,600 seconds. */
export function clampSession(seconds: number): number {
  return Math.min(Math.max(seconds, SESSION_MIN_SECONDS), SESSION_MAX_SECONDS);
}

/** `2h`, `1h30m`, `45s`: a duration in Go's spelling, which the flags take. */
export function formatDuration(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor(seconds % 3600 / 60), "m"],
    [seconds % 60, "s"],
  ];
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`);
  return said.join("") || "0s";
}
