/**
 * AWS's rules about MFA and lifetimes, as a judge of plans, and aws-vault 7.2's way to plan.
 *
 * Written from the rules and from what 7.2 does, and shares no code with the planner it judges.
 */

import type { Profile } from "../../src/config/profile.ts";

/** A call as AWS sees it. */
export interface Call {
  readonly action: "GetSessionToken" | "AssumeRole" | "GetFederationToken" | "AssumeRoot";
  readonly roleArn?: string;
  readonly durationSeconds: number;
  readonly mfa?: string;
  /** Whether the role's trust policy requires MFA. */
  readonly needsMfa?: boolean;
}

/** Why AWS would refuse one of the calls, or `undefined` where it accepts them all. */
export function refusal(calls: readonly Call[]): string | undefined {
  let signer: "key" | "session" | "role" = "key";
  let hasMfa = false;
  const shown = new Set<string>();
  for (const call of calls) {
    if (call.mfa !== undefined) {
      if (signer === "role") return "a role's session shows a code";
      if (shown.has(call.mfa)) return "a code is used twice";
      shown.add(call.mfa);
      hasMfa = true;
    }
    if (call.action === "GetSessionToken" && signer !== "key") {
      return "GetSessionToken without the key";
    }
    if (call.action === "GetSessionToken" && !inRange(call, 900, 129_600)) {
      return "session lifetime";
    }
    if (call.action === "AssumeRole") {
      if (call.needsMfa && !hasMfa) return "the role requires MFA";
      if (!inRange(call, 900, signer === "key" ? 43_200 : 3600)) return "role lifetime";
    }
    if (call.action === "AssumeRoot") {
      if (signer === "session") return "a session calls AssumeRoot";
      if (!inRange(call, 0, 900)) return "the lifetime of a task of the root user";
    }
    signer = call.action === "GetSessionToken" ? "session" : "role";
  }
  return undefined;
}

function inRange({ durationSeconds }: Call, min: number, max: number): boolean {
  return durationSeconds >= min && durationSeconds <= max;
}

/** What aws-vault 7.2 calls for a chain (the profile asked for first), with the settings given. */
export function plan72(
  chain: readonly Profile[],
  hasKey: (name: string) => boolean,
  wishes: { noSession: boolean; sessionSeconds: number; chainedSeconds: number },
): Call[] | undefined {
  const calls: Call[] = [];
  let chainedMfa: string | undefined;
  const visit = (i: number): "key" | "temporary" | undefined => {
    const profile = chain[i];
    if (profile === undefined) return undefined;
    const source = hasKey(profile.name) ? "key" : visit(i + 1);
    if (source === undefined) return undefined;
    if (profile.roleArn !== undefined) {
      const mfa = profile.mfaSerial === chainedMfa ? undefined : profile.mfaSerial;
      calls.push({
        action: "AssumeRole",
        roleArn: profile.roleArn,
        durationSeconds: profile.roleDurationSeconds ?? 3600,
        needsMfa: profile.mfaSerial !== undefined,
        ...(mfa === undefined ? {} : { mfa }),
      });
      return "temporary";
    }
    if (source !== "key" || !mayUseSession(profile, chain[i - 1])) return source;
    chainedMfa = profile.mfaSerial;
    calls.push({
      action: "GetSessionToken",
      durationSeconds: i === 0 ? wishes.sessionSeconds : wishes.chainedSeconds,
      ...(chainedMfa === undefined ? {} : { mfa: chainedMfa }),
    });
    return "temporary";
  };
  const mayUseSession = (profile: Profile, user: Profile | undefined): boolean => {
    if (wishes.noSession) return false;
    if (user === undefined) return true;
    return profile.mfaSerial !== undefined && profile.mfaSerial === user.mfaSerial &&
      (user.roleDurationSeconds ?? 3600) <= 3600;
  };
  return visit(0) === undefined ? undefined : calls;
}
