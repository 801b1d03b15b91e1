import type { Credentials } from "../credentials.ts";
import type { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import { readIssuedCredentials } from "./issued_credentials.ts";
import { type AwsCaller, callQuery, type QueryValue } from "./query.ts";
import { requiredText } from "./required_text.ts";
import type { AwsDeps } from "./send.ts";
import type { XmlElement } from "./xml.ts";

const VERSION = "2011-06-15";

/** An MFA device's serial number or ARN, and the current six-digit code. */
export interface MfaProof {
  readonly serialNumber: string;
  readonly tokenCode: Secret;
}

/** The parameters of {@linkcode getSessionToken}. */
export interface GetSessionTokenRequest {
  /** 900 to 129,600; AWS's default is 12 h. */
  readonly durationSeconds?: number | undefined;
  readonly mfa?: MfaProof | undefined;
}

/** Gets a session of the caller's long-term key. Source: STS API, `GetSessionToken`. */
export async function getSessionToken(
  deps: AwsDeps,
  caller: AwsCaller,
  request: GetSessionTokenRequest = {},
): Promise<Credentials> {
  const result = await callSts(deps, caller, "GetSessionToken", {
    DurationSeconds: request.durationSeconds,
    ...mfaParams(request.mfa),
  });
  return readCredentials(deps, "GetSessionToken", request.durationSeconds, result);
}

/** The parameters of {@linkcode assumeRole}. */
export interface AssumeRoleRequest {
  readonly roleArn: string;
  /** 2 to 64 letters, digits and `_+=,.@-`. */
  readonly roleSessionName: string;
  /** 900 to 43,200; 3,600 at most if the caller is a session or a role. AWS's default is 1 h. */
  readonly durationSeconds?: number | undefined;
  readonly externalId?: string | undefined;
  readonly mfa?: MfaProof | undefined;
  /** Session tags, 50 at most, sent in this order. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The keys of the tags that later roles of a chain inherit. */
  readonly transitiveTagKeys?: readonly string[] | undefined;
  readonly sourceIdentity?: string | undefined;
  /** A session policy, JSON. */
  readonly policy?: string | undefined;
  /** Managed policies that limit the session further, 10 at most. */
  readonly policyArns?: readonly string[] | undefined;
}

/** Gets credentials of a role. Source: STS API, `AssumeRole`. */
export async function assumeRole(
  deps: AwsDeps,
  caller: AwsCaller,
  request: AssumeRoleRequest,
): Promise<Credentials> {
  const result = await callSts(deps, caller, "AssumeRole", {
    RoleArn: request.roleArn,
    RoleSessionName: request.roleSessionName,
    ...policyParams(request),
    DurationSeconds: request.durationSeconds,
    Tags: tagParams(request.tags),
    TransitiveTagKeys: request.transitiveTagKeys,
    ExternalId: request.externalId,
    ...mfaParams(request.mfa),
    SourceIdentity: request.sourceIdentity,
  }, `role ${quote(request.roleArn)}`);
  return readCredentials(
    deps,
    "AssumeRole",
    request.durationSeconds,
    result,
    result.text("AssumedRoleUser", "Arn"),
  );
}

/** An unsigned request for a role: a token or an assertion identifies the caller. */
interface UnsignedRoleRequest {
  readonly roleArn: string;
  readonly durationSeconds?: number | undefined;
  readonly policy?: string | undefined;
  readonly policyArns?: readonly string[] | undefined;
}

/** The parameters of {@linkcode assumeRoleWithWebIdentity}. */
export interface AssumeRoleWithWebIdentityRequest extends UnsignedRoleRequest {
  readonly roleSessionName: string;
  /** An OpenID Connect token. */
  readonly webIdentityToken: Secret;
}

/** Gets credentials of a role for a web identity; unsigned. Source: STS API, `AssumeRoleWithWebIdentity`. */
export async function assumeRoleWithWebIdentity(
  deps: AwsDeps,
  caller: Omit<AwsCaller, "credentials">,
  request: AssumeRoleWithWebIdentityRequest,
): Promise<Credentials> {
  return await assumeRoleUnsigned(deps, caller, "AssumeRoleWithWebIdentity", request, {
    RoleSessionName: request.roleSessionName,
    WebIdentityToken: request.webIdentityToken.reveal(),
  });
}

/** The parameters of {@linkcode assumeRoleWithSaml}. */
export interface AssumeRoleWithSamlRequest extends UnsignedRoleRequest {
  /** The ARN of the identity provider in IAM. */
  readonly principalArn: string;
  /** A SAML response in base64, 100,000 characters at most. */
  readonly samlAssertion: Secret;
}

/** Gets credentials of a role for a SAML assertion; unsigned. Source: STS API, `AssumeRoleWithSAML`. */
export async function assumeRoleWithSaml(
  deps: AwsDeps,
  caller: Omit<AwsCaller, "credentials">,
  request: AssumeRoleWithSamlRequest,
): Promise<Credentials> {
  return await assumeRoleUnsigned(deps, caller, "AssumeRoleWithSAML", request, {
    PrincipalArn: request.principalArn,
    SAMLAssertion: request.samlAssertion.reveal(),
  });
}

async function assumeRoleUnsigned(
  deps: AwsDeps,
  caller: Omit<AwsCaller, "credentials">,
  action: "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML",
  request: UnsignedRoleRequest,
  proof: Record<string, QueryValue>,
): Promise<Credentials> {
  const { roleArn, durationSeconds } = request;
  const result = await callSts(deps, { ...caller, credentials: undefined }, action, {
    RoleArn: roleArn,
    ...proof,
    ...policyParams(request),
    DurationSeconds: durationSeconds,
  }, `role ${quote(roleArn)}`);
  const arn = result.text("AssumedRoleUser", "Arn");
  return readCredentials(deps, action, durationSeconds, result, arn);
}

/** The parameters of {@linkcode assumeRoot}. */
export interface AssumeRootRequest {
  /** The member account whose root user's rights are requested: twelve digits. */
  readonly account: string;
  /** The ARN of an AWS managed policy for a root user task. */
  readonly taskPolicyArn: string;
  /** 900 at most. */
  readonly durationSeconds: number;
}

/** Gets rights of the root user of a member account, for one task. Source: STS API, `AssumeRoot`. */
export async function assumeRoot(
  deps: AwsDeps,
  caller: AwsCaller,
  { account, taskPolicyArn, durationSeconds }: AssumeRootRequest,
): Promise<Credentials> {
  const action = "AssumeRoot";
  const result = await callSts(deps, caller, action, {
    TargetPrincipal: account,
    TaskPolicyArn: { arn: taskPolicyArn },
    DurationSeconds: durationSeconds,
  }, `account ${account}`);
  return { ...readCredentials(deps, action, durationSeconds, result), accountId: account };
}

/** The parameters of {@linkcode getFederationToken}. */
export interface GetFederationTokenRequest {
  /** 2 to 32 letters, digits and `_=,.@-`. */
  readonly name: string;
  /** 900 to 129,600. */
  readonly durationSeconds?: number | undefined;
  /** Without any policy the session has no permissions. */
  readonly policy?: string | undefined;
  readonly policyArns?: readonly string[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Gets credentials of a federated user of the long-term key. Source: STS API, `GetFederationToken`. */
export async function getFederationToken(
  deps: AwsDeps,
  caller: AwsCaller,
  request: GetFederationTokenRequest,
): Promise<Credentials> {
  const result = await callSts(deps, caller, "GetFederationToken", {
    Name: request.name,
    ...policyParams(request),
    DurationSeconds: request.durationSeconds,
    Tags: tagParams(request.tags),
  }, `user ${quote(request.name)}`);
  return readCredentials(
    deps,
    "GetFederationToken",
    request.durationSeconds,
    result,
    result.text("FederatedUser", "Arn"),
  );
}

/** The caller's identity according to AWS. */
export interface CallerIdentity {
  readonly userId: string;
  readonly accountId: string;
  readonly arn: string;
}

/** Gets the identity of the credentials; every identity may call it. Source: STS API, `GetCallerIdentity`. */
export async function getCallerIdentity(
  deps: AwsDeps,
  caller: AwsCaller,
): Promise<CallerIdentity> {
  const result = await callSts(deps, caller, "GetCallerIdentity", {});
  const read = (name: string) => requiredText("GetCallerIdentity", result, name);
  return { userId: read("UserId"), accountId: read("Account"), arn: read("Arn") };
}

/**
 * Sends any STS call again when its answer was lost. If the call included an MFA code, AWS may
 * refuse the second try because a code works once; the caller then needs a new code.
 */
function callSts(
  deps: AwsDeps,
  caller: AwsCaller,
  action: string,
  params: Record<string, QueryValue>,
  subject?: string,
): Promise<XmlElement> {
  return callQuery(deps, { ...caller, action, version: VERSION, params, subject, retry: "always" });
}

function mfaParams(mfa: MfaProof | undefined): Record<string, QueryValue> {
  return { SerialNumber: mfa?.serialNumber, TokenCode: mfa?.tokenCode.reveal() };
}

function policyParams(
  request: {
    readonly policy?: string | undefined;
    readonly policyArns?: readonly string[] | undefined;
  },
): Record<string, QueryValue> {
  return { Policy: request.policy, PolicyArns: request.policyArns?.map((arn) => ({ arn })) };
}

function tagParams(tags: Readonly<Record<string, string>> | undefined): QueryValue {
  return tags && Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** The lifetime of credentials if the request names none (STS API reference), in seconds. */
const DEFAULT_SECONDS = {
  AssumeRole: 3600,
  AssumeRoleWithWebIdentity: 3600,
  AssumeRoleWithSAML: 3600,
  AssumeRoot: 900,
  GetSessionToken: 43_200,
  GetFederationToken: 43_200,
} as const;

function readCredentials(
  { clock, skew }: AwsDeps,
  action: keyof typeof DEFAULT_SECONDS,
  durationSeconds: number | undefined,
  result: XmlElement,
  arn?: string,
): Credentials {
  const now = clock.now().add({ milliseconds: skew?.offsetMs ?? 0 });
  const request = { action, durationSeconds: durationSeconds ?? DEFAULT_SECONDS[action], now };
  return readIssuedCredentials(request, result, arn);
}
