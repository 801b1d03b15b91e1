/**
 * Session policies: what the credentials of one STS call are narrowed to.
 *
 * The credentials may do what the role or user may and these policies allow, too. Several of them add up
 * and do not intersect: ReadOnlyAccess beside AdministratorAccess allows everything (IAM User Guide,
 * "Session policies").
 */
export interface SessionPolicies {
  /** ARNs of managed policies, 10 at most. */
  readonly arns: readonly string[];
  /** An inline policy: JSON without white space, 2,048 characters at most. */
  readonly inline?: string | undefined;
}

/** The parameters of a call with them; none where the call is not narrowed. */
export function policyParameters(policies: SessionPolicies | undefined): {
  readonly policy?: string;
  readonly policyArns?: readonly string[];
} {
  if (policies === undefined) return {};
  return {
    ...policies.inline !== undefined && { policy: policies.inline },
    ...policies.arns.length > 0 && { policyArns: policies.arns },
  };
}

/** Each policy in words: its ARN, or the text of the inline one. */
export function listPolicies({ arns, inline }: SessionPolicies): string[] {
  return inline === undefined ? [...arns] : [...arns, inline];
}

/** What somebody wants credentials narrowed to, of whichever profile. */
export interface PolicyWishes {
  readonly readOnly?: boolean | undefined;
  readonly policyArn?: readonly string[] | undefined;
  /** JSON, or the path of a file. */
  readonly policy?: string | undefined;
  readonly denyRoleChaining?: boolean | undefined;
}
