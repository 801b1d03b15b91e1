/** The Security Token Service, version 2011-06-15. */

import { type Action, type ActionCall, secondsOf } from "./action.ts";
import { assumeRole } from "./assume_role.ts";
import { assumeRoot } from "./assume_root.ts";
import { showMfa } from "./mfa.ts";
import type { ParameterRules } from "./parameters.ts";
import { denied, unknownToken } from "./refusal.ts";
import { assumeRoleWithSaml } from "./saml.ts";
import { policiesOf, SessionPolicySet } from "./session_policies.ts";
import { renderCredentials } from "./sessions.ts";
import { assumeRoleWithWebIdentity } from "./web_identity.ts";
import type { XmlElements } from "./xml.ts";

const GET_SESSION_TOKEN: ParameterRules = {
  DurationSeconds: { range: [900, 129600] },
  SerialNumber: { length: [9, 256], pattern: /^[\w+=/:,.@-]*$/ },
  TokenCode: { length: [6, 6], pattern: /^[\d]*$/ },
};

const GET_FEDERATION_TOKEN: ParameterRules = {
  Name: { required: true, length: [2, 32], pattern: /^[\w+=,.@-]*$/ },
  Policy: { length: [1, 2048] },
  "PolicyArns.member.N.arn": { length: [20, 2048], atMost: 10 },
  DurationSeconds: { range: [900, 129600] },
  "Tags.member.N.Key": { length: [1, 128], atMost: 50 },
  "Tags.member.N.Value": { length: [0, 256], atMost: 50 },
};

export const STS_ACTIONS: Readonly<Record<string, Action>> = {
  AssumeRole: assumeRole,
  AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
  AssumeRoleWithSAML: assumeRoleWithSaml,
  AssumeRoot: assumeRoot,
  GetSessionToken: { rules: GET_SESSION_TOKEN, defaultSeconds: 43200, run: getSessionToken },
  GetFederationToken: {
    rules: GET_FEDERATION_TOKEN,
    defaultSeconds: 43200,
    run: getFederationToken,
  },
  GetCallerIdentity: { rules: {}, run: getCallerIdentity },
  GetAccessKeyInfo: {
    rules: { AccessKeyId: { required: true, length: [16, 128], pattern: /^[\w]*$/ } },
    run: getAccessKeyInfo,
  },
};

function getSessionToken(call: ActionCall): XmlElements {
  const { caller, params, nowMs, world } = call;
  const user = needLongTermKey(call, "GetSessionToken");
  call.mfaShown = showMfa(params, user, nowMs);
  const session = world.createSession({
    kind: "session",
    arn: caller.arn,
    userId: caller.userId,
    account: caller.account,
    user,
    role: undefined,
    mfa: call.mfaShown,
    transitiveTags: new Map(),
    sourceIdentity: undefined,
  }, secondsOf(params, 43200));
  return { Credentials: renderCredentials(session) };
}

function getFederationToken(call: ActionCall): XmlElements {
  const { caller, params, world } = call;
  needLongTermKey(call, "GetFederationToken");
  const name = params.get("Name")!;
  const arn = `arn:aws:sts::${caller.account}:federated-user/${name}`;
  const userId = `${caller.account}:${name}`;
  const session = world.createSession({
    kind: "federation",
    arn,
    userId,
    account: caller.account,
    user: undefined,
    role: undefined,
    mfa: false,
    transitiveTags: new Map(),
    sourceIdentity: undefined,
    // Without any policy a federated user may do nothing.
    policies: policiesOf(params) ?? new SessionPolicySet([], undefined),
  }, secondsOf(params, 43200));
  return {
    Credentials: renderCredentials(session),
    FederatedUser: { FederatedUserId: userId, Arn: arn },
    PackedPolicySize: 0,
  };
}

/** GetSessionToken and GetFederationToken are for long-term keys only (STS API). */
function needLongTermKey({ caller }: ActionCall, action: string) {
  if (caller.key === undefined) throw denied(`Cannot call ${action} with session credentials`);
  return caller.user!;
}

function getCallerIdentity({ caller }: ActionCall): XmlElements {
  return { Arn: caller.arn, UserId: caller.userId, Account: caller.account };
}

function getAccessKeyInfo({ caller, params, world }: ActionCall): XmlElements {
  if (caller.session?.kind === "session") {
    throw denied("Cannot call GetAccessKeyInfo with session credentials");
  }
  const id = params.get("AccessKeyId");
  const owner = world.users.find((user) => user.keys.some((key) => key.id === id));
  if (owner === undefined) throw unknownToken();
  return { Account: owner.account };
}
