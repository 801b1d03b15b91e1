/**
 * Under what a session is cached: a hash of the complete effective request, the identity of its
 * source included, so that a setting changed anywhere in a chain is a miss everywhere behind it
 * (docs/formats.md, "Identity"). Tools that keyed by profile name handed out the wrong role's
 * credentials (https://github.com/99designs/aws-vault/issues/1201).
 */

import { type CanonicalValue, hashCanonically } from "./canonical.ts";

/** Which endpoint answers: what makes the credentials of one worthless, or wrong, at another. */
export interface EndpointIdentity {
  /** Such as `aws-us-gov`. */
  readonly partition: string;
  /** A custom endpoint's address; tokens of a private one mean nothing elsewhere. */
  readonly endpointOverride?: string | undefined;
  /** The legacy global endpoint's tokens do not work in opt-in regions, and are kept apart. */
  readonly isLegacyGlobal?: boolean | undefined;
}

/** What makes two GetSessionToken calls one: neither a region nor a duration, any of them serves. */
export interface SessionRequest extends EndpointIdentity {
  /** What says which long-term key it is of. */
  readonly source: CanonicalValue;
  /** Absent: a session without MFA, which allows less. */
  readonly mfaSerial?: string | undefined;
}

/** What makes two role calls one. */
export interface RoleRequest extends EndpointIdentity {
  /** AWS's own name of the call, such as `AssumeRole`. */
  readonly action: string;
  /** What says by whom the call is signed: the identity of those credentials, or a long-term key. */
  readonly source: CanonicalValue;
  readonly roleArn?: string | undefined;
  readonly accountId?: string | undefined;
  readonly externalId?: string | undefined;
  readonly policy?: string | undefined;
  readonly policyArns?: readonly string[] | undefined;
  /** The agent whose name the session carries. */
  readonly agent?: string | undefined;
  /** Their order means nothing. */
  readonly tags?: readonly { readonly key: string; readonly value: string }[] | undefined;
  /** Their order means nothing. */
  readonly transitiveTagKeys?: readonly string[] | undefined;
  readonly sourceIdentity?: string | undefined;
  /** Only where it is configured, not where it is made up. */
  readonly roleSessionName?: string | undefined;
  readonly mfaSerial?: string | undefined;
  readonly durationSeconds?: number | undefined;
}

/** The identity of a GetSessionToken call. */
export function sessionIdentity(request: SessionRequest): Promise<string> {
  return identity("session", { ...request, isLegacyGlobal: request.isLegacyGlobal ?? false });
}

/** The identity of a call that gives a role's credentials. */
export function roleIdentity(request: RoleRequest): Promise<string> {
  return identity("role", {
    ...request,
    isLegacyGlobal: request.isLegacyGlobal ?? false,
    tags: request.tags?.map(({ key, value }) => [key, value]).sort(byKeyThenValue),
    transitiveTagKeys: request.transitiveTagKeys?.toSorted(),
  });
}

/** The identity of anything else that is cached: all that its result depends on, by name. */
export function requestIdentity(fields: Readonly<Record<string, CanonicalValue>>): Promise<string> {
  return identity("request", fields);
}

/** The kind keeps two sorts of request apart that have the same fields. */
function identity(kind: string, fields: Readonly<Record<string, CanonicalValue>>): Promise<string> {
  return hashCanonically(["aws-vault identity 1", kind, fields]);
}

function byKeyThenValue(a: readonly string[], b: readonly string[]): number {
  if (a[0] !== b[0]) return a[0]! < b[0]! ? -1 : 1;
  return a[1]! < b[1]! ? -1 : 1;
}
