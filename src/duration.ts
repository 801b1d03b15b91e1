/** Durations in Go's notation, which aws-vault's flags and variables take. */

import { VaultError } from "./errors.ts";
import { quote } from "./text.ts";

const UNIT_NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "µs": 1_000n,
  "μs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};

/** Go's `time.Duration` ends here, at about 292 years. */
const LONGEST_NANOSECONDS = 2n ** 63n - 1n;

/**
 * A duration in whole seconds, rounded down; throws `bad-usage` naming the flag or variable.
 *
 * The grammar is that of Go's `time.ParseDuration`: numbers with units, such as `1h30m`, `900s`, `1.5h`;
 * a bare `0` needs no unit. In addition, `d` and `w` are days and weeks. Negative durations are refused.
 */
export function parseDuration(text: string, source = "the duration"): number {
  const total = parseNanoseconds(text.startsWith("+") ? text.slice(1) : text);
  if (total !== undefined && total <= LONGEST_NANOSECONDS) return Number(total / 1_000_000_000n);
  throw new VaultError(
    "bad-usage",
    `Cannot understand ${source}: ${quote(text)} is not a duration`,
    {
      hints: ["Write it with units, such as 1h30m, 90m, 1.5h or 900s (w, d, h, m, s, ms, us, ns)"],
    },
  );
}

/** Exact, in integers: 4.35 minutes are 261 seconds and not one less. */
function parseNanoseconds(text: string): bigint | undefined {
  if (text === "0") return 0n;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d|w))+$/.test(text)) return undefined;
  let total = 0n;
  for (
    const [, whole, fraction, unit] of text.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h|d|w)/g)
  ) {
    const nanoseconds = UNIT_NANOSECONDS[unit!]!;
    total += BigInt(whole || "0") * nanoseconds;
    total += BigInt(fraction || "0") * nanoseconds / 10n ** BigInt(fraction!.length);
  }
  return total;
}

/**
 * A plain number of seconds (`duration_seconds = 3600`), or `undefined` if the text is not a number.
 */
export function parseSeconds(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
