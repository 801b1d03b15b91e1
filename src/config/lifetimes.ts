/** The lifetimes of the temporary credentials of one invocation. */

import type { Env } from "../host.ts";
import { parseDuration } from "../duration.ts";
import { quote } from "../text.ts";

/** Lifetimes in seconds. AWS checks their ranges: 900 to 129,600 for sessions, 900 to 43,200 for roles. */
export interface Lifetimes {
  /** Of a session that is the result; `--duration`, `AWS_SESSION_TOKEN_TTL`, else 1 h. */
  readonly sessionSeconds: number;
  /**
   * Of a session that roles are assumed with and share; `AWS_CHAINED_SESSION_TOKEN_TTL`, else 8 h.
   * `--duration` sets the lifetime of the result only.
   */
  readonly chainedSessionSeconds: number;
  /** Of a federation token; `--duration`, `AWS_FEDERATION_TOKEN_TTL`, else 1 h. */
  readonly federationSeconds: number;
  /** Cached credentials with less left than this are not used; `AWS_MIN_TTL`, else 5 min. */
  readonly minTtlSeconds: number;
}

/** Receives the message about a variable that is not a duration. */
export type OnBadVariable = (text: string) => void;

/** Reads the lifetimes from flag and environment; a variable that is not a duration counts as unset. */
export function resolveLifetimes(
  env: Env,
  flags: { readonly durationSeconds?: number | undefined },
  onBad?: OnBadVariable,
): Lifetimes {
  const durationOf = (name: string) => durationFrom(env, name, onBad);
  return {
    sessionSeconds: flags.durationSeconds ?? durationOf("AWS_SESSION_TOKEN_TTL") ?? 3600,
    chainedSessionSeconds: durationOf("AWS_CHAINED_SESSION_TOKEN_TTL") ?? 28_800,
    federationSeconds: flags.durationSeconds ?? durationOf("AWS_FEDERATION_TOKEN_TTL") ??
      3600,
    minTtlSeconds: durationFrom(env, "AWS_MIN_TTL", onBad, { zeroIsAbsent: false }) ?? 300,
  };
}

/**
 * The duration in a variable, in seconds; absent if it is unset or empty, and for `0` unless 0 has
 * a meaning. An invalid duration, such as a number without unit, is also absent, and reported:
 * aws-vault 7 does so, and a shell's start-up file with one must not stop every command.
 */
export function durationFrom(
  env: Env,
  name: string,
  onBad?: OnBadVariable,
  { zeroIsAbsent = true } = {},
): number | undefined {
  const text = env.get(name);
  if (text === undefined || text === "") return undefined;
  try {
    const seconds = parseDuration(text, name);
    return seconds === 0 && zeroIsAbsent ? undefined : seconds;
  } catch {
    onBad?.(`${name} is ignored: ${quote(text)} is not a duration such as 1h30m or 900s`);
    return undefined;
  }
}
