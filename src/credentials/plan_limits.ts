/** What AWS allows, in seconds (STS API reference, GetSessionToken and AssumeRole). */

/** The longest a role lives that is assumed with a role's or a session's credentials, and AWS's default for any role. */
export const CHAINED_ROLE_MAX_SECONDS = 3600;

/** What AWS accepts as the duration of a call, in seconds. */
export interface DurationRange {
  readonly least: number;
  readonly most: number;
}

/** GetSessionToken: 15 minutes to 36 hours. */
export const SESSION_RANGE: DurationRange = { least: 900, most: 129_600 };

/** AssumeRole: 15 minutes to 12 hours, where the role allows them. */
export const ROLE_RANGE: DurationRange = { least: 900, most: 43_200 };

/** For how long a source's own request asks a role, in seconds: within AWS's limits, and its default of an hour. */
export function sourceRoleSeconds(wanted: number | undefined): number {
  return Math.min(Math.max(wanted ?? CHAINED_ROLE_MAX_SECONDS, ROLE_RANGE.least), ROLE_RANGE.most);
}

/** The nearest duration that a call accepts; `note` is called with the sentence about a difference. */
export function clampDuration(
  seconds: number,
  { least, most }: DurationRange,
  { what, note }: { readonly what: string; readonly note: (text: string) => void },
): number {
  const clamped = Math.min(Math.max(seconds, least), most);
  if (clamped !== seconds) {
    const range = `${formatDuration(least)} to ${formatDuration(most)}`;
    note(
      `${what} lasts ${formatDuration(clamped)} instead of ${formatDuration(seconds)}: ` +
        `AWS allows ${range}`,
    );
  }
  return clamped;
}

/** `2h`, `1h30m`, `45s`: a duration in Go's spelling, which the flags take. */
export function formatDuration(seconds: number): string {
  const part = (count: number, unit: string) => count > 0 ? `${count}${unit}` : "";
  const hours = part(Math.floor(seconds / 3600), "h");
  return hours + part(Math.floor(seconds % 3600 / 60), "m") + part(seconds % 60, "s") || "0s";
}
