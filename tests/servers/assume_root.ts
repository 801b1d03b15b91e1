/** AssumeRoot: a task of the root user of a member account, by somebody of the account that manages it. */

import { type Action, type ActionCall, secondsOf } from "./action.ts";
import type { ParameterRules } from "./parameters.ts";
import { denied, invalid } from "./refusal.ts";
import { renderCredentials } from "./sessions.ts";
import type { XmlElements } from "./xml.ts";

const RULES: ParameterRules = {
  TargetPrincipal: { required: true, length: [12, 2048], pattern: /^\d{12}$/ },
  "TaskPolicyArn.arn": { required: true, length: [20, 2048] },
  DurationSeconds: { range: [0, 900] },
};

const TASK =
  /^arn:aws[a-z-]*:iam::aws:policy\/root-task\/(IAMAuditRootUserCredentials|IAMCreateRootUserPassword|IAMDeleteRootUserCredentials|S3UnlockBucketPolicy|SQSUnlockQueuePolicy)$/;

export const assumeRoot: Action = { rules: RULES, defaultSeconds: 900, run };

function run({ caller, params, world }: ActionCall): XmlElements {
  const account = params.get("TargetPrincipal")!;
  const allowed = caller.user?.allows("sts:AssumeRoot", caller.mfa) ??
    caller.session?.role?.allows("sts:AssumeRoot");
  if (allowed !== true || account === caller.account) {
    throw denied(`User: ${caller.arn} is not authorized to perform: sts:AssumeRoot`);
  }
  if (!TASK.test(params.get("TaskPolicyArn.arn")!)) throw invalid("Invalid task policy");
  const session = world.createSession({
    kind: "root",
    arn: `arn:aws:sts::${account}:assumed-root`,
    userId: account,
    account,
    user: undefined,
    role: undefined,
    mfa: caller.mfa,
    transitiveTags: new Map(),
    sourceIdentity: caller.session?.sourceIdentity,
  }, secondsOf(params, 900));
  return { Credentials: renderCredentials(session), SourceIdentity: session.sourceIdentity };
}
