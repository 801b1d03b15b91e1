/** A person's login to the console for programs (`login_session`): its place, and what is kept of it. */

import type { SigninPlace } from "../aws/signin_place.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import { requestIdentity } from "../cache/identity.ts";
import type { Credentials } from "../credentials.ts";
import { Secret } from "../secret.ts";
import { commandLine, quote } from "../text.ts";

/** The person and the place of a login. */
export interface LoginSession {
  /** The setting `login_session`: the ARN of the person's user or role session. */
  readonly arn: string;
  /** The profile that needs it, shown to other processes that wait. */
  readonly profile: string;
  readonly place: SigninPlace;
  readonly caCertificates?: readonly string[] | undefined;
}

/** The kept data: in a sealed row, never in a file. */
export interface StoredLoginSession {
  readonly arn: string;
  readonly place: SigninPlace;
  readonly clientId: string;
  /** The private JWK to which the tokens are bound. */
  readonly proofKey: Secret;
  readonly refreshToken: Secret;
  readonly credentials: Credentials;
  readonly signedInAt: Temporal.Instant;
}

/** The kind of the rows; `sso-` keeps them out of the list of sessions. */
export const LOGIN_SESSION_KIND = "sso-login-session";

/** AWS ends every login after this time. */
const LONGEST_HOURS = 12;

/** The name under which sign-ins and sign-outs are counted. */
export function loginSessionName(arn: string): string {
  return `login-session:${arn}`;
}

/** The identity under which a login is kept: any change makes a different login. */
export function loginSessionIdentity({ arn, place }: LoginSession): Promise<string> {
  return requestIdentity({ request: LOGIN_SESSION_KIND, arn, ...place });
}

/** Describes the login for the middle of a sentence. */
export function describeLoginSession({ arn }: Pick<LoginSession, "arn">): string {
  return `AWS as ${quote(arn)}`;
}

/** The command with which a person signs in. */
export function loginSessionCommand({ profile }: LoginSession): string {
  return commandLine(["sso", "login"], profile);
}

/** The kept login, even if its credentials have expired; `undefined` if there is none. */
export async function readLoginSession(
  cache: SessionCache,
  identity: string,
): Promise<StoredLoginSession | undefined> {
  return parse(await cache.findSecret(identity, 0));
}

/** Keeps a login until AWS ends it. */
export async function writeLoginSession(
  cache: SessionCache,
  session: LoginSession,
  stored: StoredLoginSession,
): Promise<void> {
  await cache.storeSecret(await loginSessionIdentity(session), {
    kind: LOGIN_SESSION_KIND,
    profile: session.profile,
    secret: render(stored),
    expiration: loginSessionEnd(stored),
  });
}

/** Until when it can be renewed without a person. */
export function loginSessionEnd({ signedInAt }: StoredLoginSession): Temporal.Instant {
  return signedInAt.add({ hours: LONGEST_HOURS });
}

function render({ credentials, proofKey, refreshToken, signedInAt, ...rest }: StoredLoginSession) {
  const { accessKeyId, secretAccessKey, sessionToken, expiration, accountId } = credentials;
  return new Secret(JSON.stringify({
    ...rest,
    proofKey: proofKey.reveal(),
    refreshToken: refreshToken.reveal(),
    signedInAt: signedInAt.epochMilliseconds,
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    sessionToken: sessionToken?.reveal(),
    expiration: expiration?.epochMilliseconds,
    accountId,
  }));
}

/** The row is authenticated: this program wrote it, in this version or another. */
function parse(text: Secret | undefined): StoredLoginSession | undefined {
  try {
    const fields = JSON.parse(text?.reveal() ?? "null");
    const instant = (ms: unknown) => Temporal.Instant.fromEpochMilliseconds(Number(ms));
    const { arn, place, clientId, accessKeyId, accountId } = fields;
    return {
      ...{ arn, place, clientId },
      proofKey: new Secret(fields.proofKey),
      refreshToken: new Secret(fields.refreshToken),
      signedInAt: instant(fields.signedInAt),
      credentials: {
        accessKeyId,
        secretAccessKey: new Secret(fields.secretAccessKey),
        sessionToken: new Secret(fields.sessionToken),
        expiration: instant(fields.expiration),
        ...accountId && { accountId },
      },
    };
  } catch {
    return undefined;
  }
}
