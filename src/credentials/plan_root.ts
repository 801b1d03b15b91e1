/** AssumeRoot: one task of the root user of a member account, as the last call of a plan (IAM: "Centralize root access"). */

import { resolvePartition } from "../aws/partitions.ts";
import type { Profile } from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { clampDuration, type DurationRange } from "./plan_limits.ts";

/** The managed policies that AWS accepts (STS API reference, AssumeRoot: TaskPolicyArn). */
const TASKS = [
  "IAMAuditRootUserCredentials",
  "IAMCreateRootUserPassword",
  "IAMDeleteRootUserCredentials",
  "S3UnlockBucketPolicy",
  "SQSUnlockQueuePolicy",
];

const SETTING = "aws_vault_root_task_policy";
const RANGE: DurationRange = { least: 1, most: 900 };

/** The task and account of a plan's last call. */
export interface RootTask {
  readonly account: string;
  readonly taskPolicyArn: string;
}

/** The call. */
interface RootStep {
  readonly action: "AssumeRoot";
  readonly profile: Profile;
  readonly rootTask: RootTask;
  readonly durationSeconds: number;
  readonly why: string;
}

/**
 * The last call for a profile with a task of the root user; `undefined` for any other. Throws
 * `bad-config` for an invalid task or account, and if the credentials would have to sign another call.
 */
export function planRoot(
  chain: readonly Profile[],
  wantedSeconds: number | undefined,
  notes: string[],
): RootStep | undefined {
  const [profile, ...others] = chain;
  const inBetween = others.find(({ rootTaskPolicy }) => rootTaskPolicy !== undefined);
  if (inBetween !== undefined) {
    throw bad(inBetween, "the credentials of the root user cannot assume a role", [
      `Use a source_profile without ${SETTING}`,
    ]);
  }
  if (profile?.rootTaskPolicy === undefined) return undefined;
  const rootTask = taskOf(profile, profile.rootTaskPolicy);
  const durationSeconds = wantedSeconds === undefined
    ? RANGE.most
    : clampDuration(wantedSeconds, RANGE, {
      what: `The task of the root user of profile ${quote(profile.name)}`,
      note: (text) => notes.push(text),
    });
  return {
    action: "AssumeRoot",
    profile: regional(profile),
    rootTask,
    durationSeconds,
    why: "a task of the root user, for which AWS gives at most 15 minutes",
  };
}

/** The global endpoint does not support the call (STS API reference, AssumeRoot). */
function regional(profile: Profile): Profile {
  return {
    ...profile,
    region: profile.region ?? "us-east-1",
    endpoint: { ...profile.endpoint, stsRegionalEndpoints: "regional" },
  };
}

function taskOf(profile: Profile, task: string): RootTask {
  const { accountId, region } = profile;
  const name = /^arn:aws[a-z-]*:iam::aws:policy\/root-task\/(\w+)$/.exec(task)?.[1] ?? task;
  if (!TASKS.includes(name)) {
    throw bad(profile, `${SETTING} = ${task} is not a task of the root user`, [
      `There are ${TASKS.join(", ")}`,
    ]);
  }
  if (accountId === undefined || !/^\d{12}$/.test(accountId)) {
    throw bad(profile, `it does not name the account of the root user`, [
      "Set aws_account_id to the member account: twelve digits",
    ]);
  }
  const { id } = resolvePartition(region ?? "us-east-1");
  const taskPolicyArn = task === name ? `arn:${id}:iam::aws:policy/root-task/${name}` : task;
  return { account: accountId, taskPolicyArn };
}

function bad({ name }: Profile, why: string, hints: readonly string[]): VaultError {
  const message = `Cannot get credentials for profile ${quote(name)}: ${why}`;
  return new VaultError("bad-config", message, { hints });
}
