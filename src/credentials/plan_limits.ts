/** AWS's limits, in seconds (STS API reference, GetSessionToken and AssumeRole). */

/** The longest lifetime of a role assumed with credentials of a role or session, and AWS's default for any role. */
export const CHAINED_ROLE_MAX_SECONDS = 3600;

/** The durations that AWS accepts for a call, in seconds. */
export interface DurationRange {
  readonly least: number;
  readonly most: number;
}

/** GetSessionToken: 15 minutes to 36 hours. */
export const SESSION_RANGE: DurationRange = { least: 900, most: 129_600 };

/** AssumeRole: 15 minutes to 12 hours, if the role allows them. */
export const ROLE_RANGE: DurationRange = { least: 900, most: 43_200 };

/** A source's role duration, in seconds: the requested one within AWS's limits; an hour by default. */
export function sourceRoleSeconds(wanted: number | undefined): number {
  return Math.min(Math.max(wanted ?? CHAINED_ROLE_MAX_SECONDS, ROLE_RANGE.least), ROLE_RANGE.most);
}

/** The nearest duration that a call accepts; `note` receives the message about a difference. */
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

/** A duration in Go's notation, which the flags accept: `2h`, `1h30m`, `45s`. */
export function formatDuration(seconds: number): string {
  const part = (count: number, unit: string) => count > 0 ? `${count}${unit}` : "";
  const hours = part(Math.floor(seconds / 3600), "h");
  return hours + part(Math.floor(seconds % 3600 / 60), "m") + part(seconds % 60, "s") || "0s";
}
