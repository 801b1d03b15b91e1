/** The durations of a plan's roles: the requested ones, within AWS's limits for each role. */

import type { Profile } from "../config/profile.ts";
import { quote } from "../text.ts";
import type { PlanSource } from "./find_source.ts";
import {
  CHAINED_ROLE_MAX_SECONDS,
  clampDuration,
  formatDuration,
  ROLE_RANGE,
} from "./plan_limits.ts";

/** Whether a profile requests more than an hour. */
export function wantsLong(profile: Profile): boolean {
  return (profile.roleDurationSeconds ?? 0) > CHAINED_ROLE_MAX_SECONDS;
}

/** Whether the first role must be assumed with the key itself: AWS allows more than an hour only then. */
export function wantsLongRole(roles: readonly Profile[]): boolean {
  return firstRoleSeconds(roles) > CHAINED_ROLE_MAX_SECONDS;
}

/**
 * The duration of the first role: its own, else the last profile's if that is more than an hour.
 * Only a role that is assumed with a user's own credentials can last longer (STS API, AssumeRole).
 */
export function firstRoleSeconds(roles: readonly Profile[]): number {
  const [first, last] = [roles[0]!, roles.at(-1)!];
  const inherited = wantsLong(last) ? last.roleDurationSeconds : undefined;
  return first.roleDurationSeconds ?? inherited ?? CHAINED_ROLE_MAX_SECONDS;
}

/**
 * The duration of a role within AWS's limits; a difference from the request is added to `notes`.
 *
 * A chained role is one assumed with the credentials of a role or session.
 */
export function limitRole(
  role: Profile,
  wanted: number | undefined,
  isChained: boolean,
  notes: string[],
): number {
  if (wanted === undefined) return CHAINED_ROLE_MAX_SECONDS;
  if (!isChained || wanted <= CHAINED_ROLE_MAX_SECONDS) {
    const note = (text: string) => notes.push(text);
    return clampDuration(wanted, ROLE_RANGE, {
      what: `The role of profile ${quote(role.name)}`,
      note,
    });
  }
  notes.push(
    `The role of profile ${quote(role.name)} lasts 1h instead of ${formatDuration(wanted)}: ` +
      "AWS limits a role that is assumed with a role or a session",
  );
  return CHAINED_ROLE_MAX_SECONDS;
}

/** Notes about a difference between the requested duration and that of the source's own role. */
export function sourceDurationNotes({ row, profile }: PlanSource): string[] {
  const [wanted, given] = [profile.roleDurationSeconds, row.durationSeconds?.(profile)];
  if (wanted === undefined || given === undefined || wanted === given) return [];
  return [
    `The role of profile ${quote(profile.name)} lasts ${formatDuration(given)} instead of ` +
    `${formatDuration(wanted)}: AWS allows ${formatDuration(ROLE_RANGE.least)} to ` +
    formatDuration(ROLE_RANGE.most),
  ];
}
