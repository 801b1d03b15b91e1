/** The times that programs print, in several spellings. */

const ISO =
  /^(\d{4})-?(\d\d)-?(\d\d)[T ]+(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9})\d*)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)$/i;

/** With the name or number of a time zone at the end, or before the year: `date`, and mail. */
const WITH_ZONE = /\b(?:UTC|GMT|Z)\b|[+-]\d{4}\b/;

/**
 * The instant that a text from a program means, or `undefined` if it is ambiguous or not a time.
 *
 * Parsed as in botocore (`dateutil.parser`): ISO 8601 with `T` or a space, with or without
 * seconds, in zone `Z`, `UTC`, `GMT` or an offset; `Thu, 01 Jan 2026 00:00:00 GMT`; the output of
 * `date`. A time without a zone is ambiguous.
 */
export function parseExpirationText(text: string): Temporal.Instant | undefined {
  const trimmed = text.trim();
  const iso = ISO.exec(trimmed);
  if (iso !== null) return instantOf(iso);
  const hasYear = /\b\d{4}\b/.test(trimmed) && /\d:\d\d/.test(trimmed);
  const ms = hasYear && WITH_ZONE.test(trimmed) ? Date.parse(trimmed) : NaN;
  return Number.isNaN(ms) ? undefined : Temporal.Instant.fromEpochMilliseconds(ms);
}

function instantOf([, year, month, day, hour, minute, second = "00", fraction = "0", zone]: (
  | string
  | undefined
)[]): Temporal.Instant | undefined {
  const offset = /^[+-]/.test(zone!) ? zone! : "Z";
  try {
    return Temporal.Instant.from(
      `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}${offset}`,
    );
  } catch {
    // The day or hour does not exist.
    return undefined;
  }
}
