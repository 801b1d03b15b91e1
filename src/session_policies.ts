/**
 * Session policies, which restrict the credentials of one STS call.
 *
 * The credentials' permissions are the intersection of the role's or user's policies and these. Several
 * session policies add up and do not intersect: ReadOnlyAccess with AdministratorAccess allows everything
 * (IAM User Guide, "Session policies").
 */
export interface SessionPolicies {
  /** ARNs of managed policies, at most 10. */
  readonly arns: readonly string[];
  /** An inline policy: JSON without white space, at most 2,048 characters. */
  readonly inline?: string | undefined;
}

/** The parameters of a call with session policies; none without policies. */
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

/** Each policy for display: its ARN, or the text of the inline policy. */
export function listPolicies({ arns, inline }: SessionPolicies): string[] {
  return inline === undefined ? [...arns] : [...arns, inline];
}

/** The session policies that somebody requests, for any profile. */
export interface PolicyWishes {
  readonly readOnly?: boolean | undefined;
  readonly policyArn?: readonly string[] | undefined;
  /** JSON, or the path of a file. */
  readonly policy?: string | undefined;
  readonly denyRoleChaining?: boolean | undefined;
}
