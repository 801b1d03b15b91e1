/** Durations as Go writes them, since that is what aws-vault's flags and variables take. */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";

const UNIT_NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "µs": 1_000n,
  "μs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Go's `time.Duration` ends here, at about 292 years. */
const LONGEST_NANOSECONDS = 2n ** 63n - 1n;

/** What the program takes for a duration, as a hint. */
export const DURATION_HINT =
  "Write it with units, such as 1h30m, 90m, 1.5h or 900s (h, m, s, ms, us, ns)";

/**
 * A duration in whole seconds, the rest cut off, or `undefined` where the text is none.
 *
 * The grammar is that of Go's `time.ParseDuration`: numbers with units, such as `1h30m`, `900s`, `1.5h`;
 * a bare `0` needs no unit. Negative ones are none.
 */
export function parseDuration(text: string): number | undefined {
  const unsigned = text.startsWith("+") ? text.slice(1) : text;
  if (unsigned === "0") return 0;
  const parts = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(unsigned)
    ? unsigned.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)
    : undefined;
  if (parts === undefined) return undefined;
  let total = 0n;
  for (const [, whole, fraction, unit] of parts) {
    const nanoseconds = UNIT_NANOSECONDS[unit!]!;
    total += BigInt(whole || "0") * nanoseconds;
    total += BigInt(fraction || "0") * nanoseconds / 10n ** BigInt(fraction!.length);
  }
  return total > LONGEST_NANOSECONDS ? undefined : Number(total / 1_000_000_000n);
}

/** A duration in whole seconds; throws `bad-usage` naming the flag or variable it stands in. */
export function requireDuration(text: string, source: string): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  throw new VaultError("bad-usage", `Cannot understand ${source}: ${quote(text)} is no duration`, {
    hints: [DURATION_HINT],
  });
}

/** A plain number of seconds (`duration_seconds = 3600`), or `undefined` where the text is none. */
export function parseSeconds(text: string): number | undefined {
  const seconds = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  return seconds;
}
