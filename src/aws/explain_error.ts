/** The facts from which a refusal by AWS is explained. */
export interface Refusal {
  readonly action: string;
  readonly service: string;
  readonly awsCode: string;
  /** AWS's message, unchanged. */
  readonly awsMessage: string;
  /** The call was signed with temporary credentials. */
  readonly isSession: boolean;
  /** The call included an MFA code. */
  readonly showsMfaCode: boolean;
  /** An earlier try of the same call may have taken effect, but its answer was lost. */
  readonly answerWasLost: boolean;
}

/** One usual cause: how to recognise it, and what to do about it. */
interface Cause {
  matches(refusal: Refusal): boolean;
  hints(refusal: Refusal): readonly string[];
}

const EXPIRED = ["ExpiredToken", "ExpiredTokenException"];
/** Actions that send a token or an assertion instead of a signature. */
const UNSIGNED = ["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"];
const DENIED = ["AccessDenied", "AccessDeniedException"];

/** The usual causes, specific before general: the first match explains the refusal. */
const CAUSES: readonly Cause[] = [
  {
    matches: (it) => isBadCode(it) && it.answerWasLost,
    hints: () => [
      "The answer to the first try was lost, and that try may have used up the code: wait for the device's next one",
    ],
  },
  {
    matches: isBadCode,
    hints: () => [
      "A code works once: if it was just used, wait for the device's next one (up to 30 seconds)",
      "Check that mfa_serial names the device that showed the code, and that its clock is right",
    ],
  },
  {
    matches: (it) => isDenied(it) && it.awsMessage.includes("unable to validate MFA code"),
    hints: () => [
      "Check mfa_serial: it must be a device of the user whose key makes the call (arn:aws:iam::ACCOUNT:mfa/NAME)",
    ],
  },
  {
    matches: (it) => isDenied(it) && it.awsMessage.includes("with session credentials"),
    hints: (it) => [
      `${it.action} works with a long-term key only, and these credentials are temporary: use --no-session`,
    ],
  },
  {
    matches: (it) => it.action === "GetSessionToken" && isDenied(it) && !it.showsMfaCode,
    hints: () => [
      "A policy denies GetSessionToken, often unless MFA is used: set mfa_serial in the profile",
      "Or skip the session: use --no-session",
    ],
  },
  {
    matches: (it) => it.awsCode === "InvalidClientTokenId" && it.service === "iam" && it.isSession,
    hints: () => [
      "IAM refuses sessions that were made without MFA: set mfa_serial in the profile",
      "Or use the stored key itself: --no-session",
    ],
  },
  {
    matches: (it) => it.awsCode === "InvalidClientTokenId" && it.isSession,
    hints: () => [
      "The session is not valid here: its key may have been deleted, or it belongs to another partition",
      "A session of the global STS endpoint does not work in opt-in regions: set sts_regional_endpoints = regional",
    ],
  },
  {
    matches: (it) => it.awsCode === "InvalidClientTokenId",
    hints: () => [
      "AWS does not know this access key: it may have been deleted or made inactive, or belong to another partition (check the region)",
      "A key that was just created may take some seconds to work",
    ],
  },
  {
    matches: (it) => it.awsMessage.includes("scoped to a valid region"),
    hints: () => ["The region and the endpoint do not match: check region and endpoint_url"],
  },
  {
    matches: (it) => it.awsCode === "SignatureDoesNotMatch",
    hints: () => ["Check that the secret access key was stored completely: add the key again"],
  },
  {
    matches: (it) => EXPIRED.includes(it.awsCode) && it.action === "AssumeRoleWithWebIdentity",
    hints: () => ["The web identity token has expired: get a new one"],
  },
  {
    matches: (it) => EXPIRED.includes(it.awsCode) && it.action === "AssumeRoleWithSAML",
    hints:
      () => ["An assertion is valid for a few minutes: have the identity provider issue a new one"],
  },
  {
    matches: (it) => EXPIRED.includes(it.awsCode),
    hints: () => ["The credentials that made this call have expired: clear the cached sessions"],
  },
  {
    matches: (it) => it.awsCode === "RegionDisabledException",
    hints: () => [
      "The region is not enabled for STS in the account that makes the call: choose another region, or have an administrator enable it",
    ],
  },
  {
    matches: (it) => it.awsMessage.includes("role chaining"),
    hints: () => [
      "A role that is assumed with a session or another role lasts at most one hour: request 1h, or assume the role directly with the key (--no-session) for longer",
    ],
  },
  {
    matches: (it) => it.awsMessage.includes("MaxSessionDuration"),
    hints: () => [
      "The role only allows shorter sessions: lower duration_seconds or --duration, or have the role's MaxSessionDuration raised",
    ],
  },
  {
    matches: (it) => it.awsCode === "PackedPolicyTooLarge",
    hints: () => [
      "Session policies and session tags are packed together and are too large: shorten the policy (--policy, aws_vault_policy), name managed policies instead (--policy-arn), or use fewer session_tags",
    ],
  },
  {
    matches: (it) => it.action === "AssumeRole" && isDenied(it) && !it.showsMfaCode,
    hints: () => [
      "The role's trust policy or the caller's own policy does not allow it: check role_arn, source_profile and external_id",
      "If the role requires MFA, set mfa_serial in the profile",
    ],
  },
  {
    matches: (it) => isDenied(it) && UNSIGNED.includes(it.action),
    hints: () => ["The role's trust policy does not allow it: check role_arn and its provider"],
  },
  {
    matches: (it) => it.action === "AssumeRoot" && isDenied(it),
    hints: () => [
      "Allow sts:AssumeRoot to the caller in the management account, or in the delegated administrator's",
      "In IAM, under root access management, check that root access for member accounts is turned on",
    ],
  },
  {
    matches: (it) => it.awsCode === "LimitExceeded" && it.action === "CreateAccessKey",
    hints: () => ["A user can have two access keys: delete the one that is not in use"],
  },
];

/** What a person can do about a refusal, most useful first; empty if no usual cause matches. */
export function explainRefusal(refusal: Refusal): readonly string[] {
  return CAUSES.find((cause) => cause.matches(refusal))?.hints(refusal) ?? [];
}

function isDenied(refusal: Refusal): boolean {
  return DENIED.includes(refusal.awsCode);
}

/** AWS's messages for a code that is wrong, too old, or already used. */
function isBadCode(refusal: Refusal): boolean {
  return isDenied(refusal) &&
    refusal.awsMessage.includes("invalid MFA one time pass code");
}
