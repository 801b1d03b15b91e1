import { randomId, randomSecret, randomToken } from "./random_ids.ts";
import type { Role } from "./roles.ts";
import type { SessionPolicySet } from "./session_policies.ts";
import type { AccessKey, User } from "./users.ts";
import { renderInstant, type XmlElements } from "./xml.ts";

/** Temporary credentials that were handed out. */
export interface Session {
  /** `session`: GetSessionToken. `federation`: GetFederationToken. `role`: AssumeRole. `root`: AssumeRoot. */
  readonly kind: "session" | "federation" | "role" | "root";
  readonly id: string;
  readonly secret: string;
  readonly token: string;
  readonly expiresMs: number;
  /** Whose they are: the user, or the role in the session's name. */
  readonly arn: string;
  readonly userId: string;
  readonly account: string;
  /** The user whose session it is; a role's session has none. */
  readonly user: User | undefined;
  readonly role: Role | undefined;
  /** Whether an MFA device was shown when they were made, or further up the chain. */
  readonly mfa: boolean;
  /** Tags that pass on along a chain of roles. */
  readonly transitiveTags: ReadonlyMap<string, string>;
  readonly sourceIdentity: string | undefined;
  /** What it was narrowed to; absent: all that its role or user may. */
  readonly policies?: SessionPolicySet | undefined;
  /** The session's own tags. */
  readonly tags?: ReadonlyMap<string, string>;
  /** A role that was assumed with temporary credentials. */
  readonly isChained?: boolean;
}

/** What a session is made from. */
export type SessionRequest = Omit<Session, "id" | "secret" | "token" | "expiresMs">;

/** Temporary credentials with fresh secrets, good for a number of seconds by AWS's clock. */
export function newSession(
  request: SessionRequest,
  durationSeconds: number,
  nowMs: number,
): Session {
  return {
    ...request,
    id: randomId("ASIA", 20),
    secret: randomSecret(),
    token: randomToken(),
    expiresMs: Math.floor(nowMs / 1000 + durationSeconds) * 1000,
  };
}

/** Who signed a request, once its signature was verified. */
export interface Caller {
  readonly arn: string;
  readonly userId: string;
  readonly account: string;
  /** Set for a user's key and a user's session. */
  readonly user: User | undefined;
  /** Set for a long-term key. */
  readonly key: AccessKey | undefined;
  /** Set for temporary credentials. */
  readonly session: Session | undefined;
  readonly mfa: boolean;
}

/** The caller behind a long-term key. */
export function callerOfKey(user: User, key: AccessKey): Caller {
  const { arn, id: userId, account } = user;
  return { arn, userId, account, user, key, session: undefined, mfa: false };
}

/** The caller behind temporary credentials. */
export function callerOfSession(session: Session): Caller {
  const { arn, userId, account, user, mfa } = session;
  return { arn, userId, account, user, key: undefined, session, mfa };
}

/** The `Credentials` element of an answer. */
export function renderCredentials(session: Session): XmlElements {
  return {
    AccessKeyId: session.id,
    SecretAccessKey: session.secret,
    SessionToken: session.token,
    Expiration: renderInstant(session.expiresMs),
  };
}
