import { type Action, type ActionCall, secondsOf } from "./action.ts";
import { showMfa } from "./mfa.ts";
import { membersOf, pairsOf, type ParameterRules } from "./parameters.ts";
import { denied, invalid } from "./refusal.ts";
import type { Role } from "./roles.ts";
import { policiesOf } from "./session_policies.ts";
import { type Caller, renderCredentials } from "./sessions.ts";
import type { XmlElements } from "./xml.ts";

const RULES: ParameterRules = {
  RoleArn: { required: true, length: [20, 2048] },
  RoleSessionName: { required: true, length: [2, 64], pattern: /^[\w+=,.@-]*$/ },
  DurationSeconds: { range: [900, 43200] },
  Policy: { length: [1, 2048] },
  "PolicyArns.member.N.arn": { length: [20, 2048], atMost: 10 },
  "Tags.member.N.Key": { length: [1, 128], pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u, atMost: 50 },
  "Tags.member.N.Value": {
    length: [0, 256],
    pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u,
    atMost: 50,
  },
  "TransitiveTagKeys.member.N": { length: [1, 128], atMost: 50 },
  ExternalId: { length: [2, 1224], pattern: /^[\w+=,.@:/-]*$/ },
  SerialNumber: { length: [9, 256], pattern: /^[\w+=/:,.@-]*$/ },
  TokenCode: { length: [6, 6], pattern: /^[\d]*$/ },
  SourceIdentity: { length: [2, 64], pattern: /^[\w+=,.@-]*$/ },
  "ProvidedContexts.member.N.ProviderArn": { length: [20, 2048], atMost: 5 },
  "ProvidedContexts.member.N.ContextAssertion": { length: [4, 2048], atMost: 5 },
};

/** The longest life of a role that was assumed with temporary credentials. */
const CHAINED_SECONDS = 3600;

export const assumeRole: Action = { rules: RULES, defaultSeconds: 3600, run };

function run(call: ActionCall): XmlElements {
  const { caller, params, nowMs, world } = call;
  const role = world.roles.find((role) => role.arn === params.get("RoleArn"));
  const durationSeconds = secondsOf(params, 3600);
  // Only a caller behind whom a user stands can show an MFA device; a role's session has none.
  call.mfaShown = showMfa(params, caller.user, nowMs);
  const mfa = call.mfaShown || caller.mfa;
  if (role === undefined || !isTrusted(role, call, mfa)) throw notAuthorized(caller, params);
  checkDuration(role, caller, durationSeconds);
  const policies = policiesOf(params);
  const tags = sessionTags(role, call);
  const sourceIdentity = checkSourceIdentity(role, call);
  const name = params.get("RoleSessionName")!;
  const assumed = `arn:aws:sts::${role.account}:assumed-role/${role.name}/${name}`;
  const userId = `${role.id}:${name}`;
  const session = world.createSession({
    kind: "role",
    arn: assumed,
    userId,
    account: role.account,
    user: undefined,
    role,
    // AWS does not say whether the factor counts further down a chain; here it does, so that the
    // order of the hops is judged and not the policy of a role in the middle.
    mfa,
    transitiveTags: tags,
    sourceIdentity,
    policies,
    tags: pairsOf(params, "Tags"),
    isChained: caller.session !== undefined,
  }, durationSeconds);
  return {
    AssumedRoleUser: { AssumedRoleId: userId, Arn: assumed },
    Credentials: renderCredentials(session),
    PackedPolicySize: tags.size === 0 ? undefined : 1,
    SourceIdentity: sourceIdentity,
  };
}

function isTrusted(role: Role, { caller, params }: ActionCall, mfa: boolean): boolean {
  if (caller.session?.kind === "federation") return false;
  const allowed = caller.user?.allows("sts:AssumeRole", mfa) ??
    caller.session?.role?.allows("sts:AssumeRole");
  if (allowed !== true) return false;
  const names = [caller.account, caller.session?.role?.arn ?? caller.arn];
  if (!role.trusts.some((trusted) => names.includes(trusted))) return false;
  if (role.mfa && !mfa) return false;
  if (role.externalId !== undefined && params.get("ExternalId") !== role.externalId) return false;
  return true;
}

function notAuthorized(caller: Caller, params: ReadonlyMap<string, string>): Error {
  return denied(
    `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${
      params.get("RoleArn")
    }`,
  );
}

function checkDuration(role: Role, caller: Caller, durationSeconds: number): void {
  if (caller.session !== undefined && durationSeconds > CHAINED_SECONDS) {
    throw invalid(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  if (durationSeconds > role.maxSessionSeconds) {
    throw invalid(
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  }
}

/** The tags that pass on; tags need the trust's leave, and an inherited one cannot be set again. */
function sessionTags(role: Role, call: ActionCall): Map<string, string> {
  const { caller, params } = call;
  const tags = pairsOf(params, "Tags");
  const inherited = caller.session?.transitiveTags ?? new Map<string, string>();
  for (const key of tags.keys()) {
    if (inherited.has(key)) throw denied(`The transitive tag ${key} cannot be overridden`);
    if (role.tagKeys !== undefined && !role.tagKeys.includes(key)) {
      throw denied(
        `User: ${caller.arn} is not authorized to perform: sts:TagSession on resource: ${role.arn}`,
      );
    }
  }
  const passedOn = new Map(inherited);
  for (const key of membersOf(params, "TransitiveTagKeys")) {
    const value = tags.get(key);
    if (value === undefined) {
      throw invalid("The specified transitive tag key must be included in the requested tags.");
    }
    passedOn.set(key, value);
  }
  return passedOn;
}

/** A source identity is set once and stays along the chain. */
function checkSourceIdentity(role: Role, { caller, params }: ActionCall): string | undefined {
  const inherited = caller.session?.sourceIdentity;
  const asked = params.get("SourceIdentity") ?? inherited;
  if (inherited !== undefined && asked !== inherited) {
    throw denied("The source identity of a session cannot be changed");
  }
  if (role.sourceIdentity !== undefined && asked !== role.sourceIdentity) {
    throw denied(
      `User: ${caller.arn} is not authorized to perform: sts:SetSourceIdentity on resource: ${role.arn}`,
    );
  }
  return asked;
}
