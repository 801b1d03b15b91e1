/**
 * The key under which a session is cached: a hash of the complete effective request, including the
 * identity of its source, so that a setting changed anywhere in a chain is a miss everywhere after it
 * (docs/formats.md, "Identity"). Tools that keyed by profile name handed out the wrong role's
 * credentials (https://github.com/99designs/aws-vault/issues/1201).
 */

import { type CanonicalValue, hashCanonically } from "./canonical.ts";

/** The answering endpoint: the credentials of one can be worthless, or wrong, at another. */
export interface EndpointIdentity {
  /** Such as `aws-us-gov`. */
  readonly partition: string;
  /** A custom endpoint's address; tokens of a private one mean nothing elsewhere. */
  readonly endpointOverride?: string | undefined;
  /** Kept apart, since the legacy global endpoint's tokens do not work in opt-in regions. */
  readonly isLegacyGlobal?: boolean | undefined;
}

/** What makes two GetSessionToken calls equal; not the region or the duration, of which any will do. */
export interface SessionRequest extends EndpointIdentity {
  /** Identifies the long-term key. */
  readonly source: CanonicalValue;
  /** Absent: a session without MFA, which allows less. */
  readonly mfaSerial?: string | undefined;
}

/** What makes two role calls equal. */
export interface RoleRequest extends EndpointIdentity {
  /** AWS's name of the call, such as `AssumeRole`. */
  readonly action: string;
  /** Identifies the signer of the call: the identity of its credentials, or a long-term key. */
  readonly source: CanonicalValue;
  readonly roleArn?: string | undefined;
  readonly accountId?: string | undefined;
  readonly externalId?: string | undefined;
  readonly policy?: string | undefined;
  readonly policyArns?: readonly string[] | undefined;
  /** The agent whose name is in the session. */
  readonly agent?: string | undefined;
  /** In any order. */
  readonly tags?: readonly { readonly key: string; readonly value: string }[] | undefined;
  /** In any order. */
  readonly transitiveTagKeys?: readonly string[] | undefined;
  readonly sourceIdentity?: string | undefined;
  /** Only if it is configured, not if it is generated. */
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

/** The identity of anything else that is cached, from everything that its result depends on, by name. */
export function requestIdentity(fields: Readonly<Record<string, CanonicalValue>>): Promise<string> {
  return identity("request", fields);
}

/** Hashes the fields; `kind` distinguishes kinds of request that have the same fields. */
function identity(kind: string, fields: Readonly<Record<string, CanonicalValue>>): Promise<string> {
  return hashCanonically(["aws-vault identity 1", kind, fields]);
}

function byKeyThenValue(a: readonly string[], b: readonly string[]): number {
  if (a[0] !== b[0]) return a[0]! < b[0]! ? -1 : 1;
  return a[1]! < b[1]! ? -1 : 1;
}
