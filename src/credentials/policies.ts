/** The session policies that narrow a request, from flags and settings. */

import type { GuardSettings, PlacedText } from "../config/guard_settings.ts";
import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { PolicyWishes, SessionPolicies } from "../session_policies.ts";
import { quote } from "../text.ts";

/** The dependencies for reading a policy. */
export type PolicyDeps = Pick<Host, "files" | "platform">;

/** STS API, AssumeRole: PolicyArns and Policy. */
const MOST_ARNS = 10;
const LONGEST_POLICY = 2048;

const ARN = /^arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/[\w+=,.@\/-]+$/;

/** AWS's managed policy for reading, in a partition. It does not allow `sts:AssumeRole`. */
export function readOnlyArn(partition: string): string {
  return `arn:${partition}:iam::aws:policy/ReadOnlyAccess`;
}

/** Policies, and the flags or settings that require them. */
export interface Narrowing {
  readonly policies: SessionPolicies;
  /** `--read-only`, `aws_vault_policy (/home/a/.aws/config:3)`. */
  readonly why: string;
}

/**
 * The combined policies of flags and settings; `undefined` if there are none.
 *
 * Policies of two origins are refused (`bad-usage`), since together they allow more than either
 * alone. A denied role chain allows nothing, and can be combined with any of them.
 */
export function resolveNarrowing(
  deps: PolicyDeps,
  wishes: PolicyWishes,
  guards: GuardSettings | undefined,
  partition: string,
): Narrowing | undefined {
  const origins = [...flagOrigins(deps, wishes, partition), ...settingOrigins(deps, guards)];
  const [first, second] = origins;
  if (first !== undefined && second !== undefined) throw addsUp(first.why, second.why);
  if (!wishes.denyRoleChaining) return first;
  const why = [...first ? [first.why] : [], "--deny-role-chaining"].join(" and ");
  return { policies: withoutChaining(first?.policies), why };
}

/**
 * The wishes with the policy's text in place of its file, which is read once: otherwise a server
 * would use the file's current content at each renewal. Throws `bad-usage`.
 */
export function settleWishes<W extends PolicyWishes>(deps: PolicyDeps, wishes: W): W {
  if (wishes.policy === undefined) return wishes;
  return { ...wishes, policy: readPolicy(deps, wishes.policy, badFlag("--policy")) };
}

/**
 * The combined wishes of a server and of one of its grants.
 *
 * Throws `bad-usage` if both name policies: together they would allow more than either alone.
 */
export function combineWishes(server: PolicyWishes, grant: PolicyWishes): PolicyWishes {
  const [ofServer, ofGrant] = [server, grant].map(policiesOf);
  const denyRoleChaining = server.denyRoleChaining || grant.denyRoleChaining;
  if (ofServer === undefined || ofGrant === undefined || ofServer.text === ofGrant.text) {
    return { ...(ofServer ?? ofGrant)?.wishes, denyRoleChaining };
  }
  throw addsUp(`${ofServer.names} of the server`, `${ofGrant.names} of the grant`);
}

/** The policies besides a denied role chain, which allows nothing. */
function policiesOf({ readOnly, policyArn = [], policy }: PolicyWishes) {
  const named = {
    "--read-only": readOnly || undefined,
    "--policy-arn": policyArn.length > 0 ? policyArn : undefined,
    "--policy": policy,
  };
  const given = Object.entries(named).filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  const names = given.map(([name]) => name).join(" and ");
  return { names, text: JSON.stringify(named), wishes: { readOnly, policyArn, policy } };
}

function addsUp(one: string, other: string): VaultError {
  return new VaultError(
    "bad-usage",
    `Cannot narrow by ${one} and by ${other} at once: session policies add up, so together they ` +
      "allow more than either",
    { hints: ["Use one of them, or write one policy that allows what both allow"] },
  );
}

function flagOrigins(deps: PolicyDeps, wishes: PolicyWishes, partition: string): Narrowing[] {
  const { readOnly, policyArn = [], policy } = wishes;
  const own = policy === undefined ? undefined : readPolicy(deps, policy, badFlag("--policy"));
  for (const arn of policyArn) checkArn(arn, badFlag("--policy-arn"));
  checkCount(policyArn, badFlag("--policy-arn"));
  const why = [...policyArn.length > 0 ? ["--policy-arn"] : [], ...own ? ["--policy"] : []];
  return [
    ...readOnly ? [{ policies: { arns: [readOnlyArn(partition)] }, why: "--read-only" }] : [],
    ...why.length > 0
      ? [{ policies: { arns: policyArn, inline: own }, why: why.join(" and ") }]
      : [],
  ];
}

function settingOrigins(deps: PolicyDeps, guards: GuardSettings | undefined): Narrowing[] {
  const { policyArns, policy } = guards ?? {};
  if (policyArns === undefined && policy === undefined) return [];
  for (const arn of policyArns?.arns ?? []) checkArn(arn, policyArns!.bad);
  if (policyArns !== undefined) checkCount(policyArns.arns, policyArns.bad);
  const inline = policy && readPolicy(deps, settingPath(deps, policy), policy.bad);
  const why = [
    ...policyArns ? [`aws_vault_policy_arns (${policyArns.place})`] : [],
    ...policy ? [`aws_vault_policy (${policy.place})`] : [],
  ].join(" and ");
  const arns = policyArns?.arns ?? [];
  if (arns.length === 0 && inline === undefined) throw policyArns!.bad("it names no policy");
  return [{ policies: { arns, inline }, why }];
}

/** Must be absolute: a relative path would belong to the owner of the working folder. */
function settingPath({ platform }: PolicyDeps, { text, bad }: PlacedText): string {
  if (/^\s*\{/.test(text) || /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(text)) return text;
  if (text.startsWith("~/") && platform.home !== undefined) return platform.home + text.slice(1);
  throw bad(`${quote(text)} is neither JSON nor an absolute path`);
}

type Bad = (what: string) => VaultError;

function badFlag(flag: string): Bad {
  return (what) => new VaultError("bad-usage", `Cannot understand ${flag}: ${what}`);
}

function checkArn(arn: string, bad: Bad): void {
  if (ARN.test(arn)) return;
  throw bad(`${quote(arn)} is not the ARN of a managed policy (arn:aws:iam::aws:policy/NAME)`);
}

function checkCount(arns: readonly string[], bad: Bad): void {
  if (arns.length > MOST_ARNS) throw bad(`${arns.length} policies, and STS accepts ${MOST_ARNS}`);
}

/** Reads the policy from a text or a file, in the form that is sent. */
function readPolicy({ files }: PolicyDeps, given: string, bad: Bad): string {
  const isText = /^\s*\{/.test(given);
  // Windows editors begin a file with a byte order mark, which is not valid in JSON.
  const text = isText ? given : files.readText(given)?.replace(/^\ufeff/, "");
  if (text === undefined) throw bad(`there is no file ${quote(given)}, and it is not JSON`);
  const where = isText ? "it" : `file ${quote(given)}`;
  const policy = JSON.stringify(parsePolicy(text, where, bad));
  if (policy.length <= LONGEST_POLICY) return policy;
  throw bad(
    `${where} has ${policy.length} characters without white space, and STS accepts ${LONGEST_POLICY}`,
  );
}

function parsePolicy(text: string, where: string, bad: Bad): { Statement: unknown } {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad(`${where} is not JSON`);
  }
  if (typeof value?.Statement === "object" && value.Statement !== null) return value;
  throw bad(`${where} is not a policy: it has no Statement`);
}

const DENY_CHAINING = { Effect: "Deny", Action: "sts:AssumeRole*", Resource: "*" };
const ALLOW_ALL = { Effect: "Allow", Action: "*", Resource: "*" };

/** Adds a statement that denies further roles; without policies, also one that allows the rest. */
function withoutChaining(policies: SessionPolicies | undefined): SessionPolicies {
  const { arns = [], inline } = policies ?? {};
  if (inline === undefined) {
    const allowed = arns.length === 0 ? [ALLOW_ALL] : [];
    const policy = { Version: "2012-10-17", Statement: [...allowed, DENY_CHAINING] };
    return { arns, inline: JSON.stringify(policy) };
  }
  const policy = JSON.parse(inline);
  const joined = JSON.stringify({ ...policy, Statement: [policy.Statement, DENY_CHAINING].flat() });
  if (joined.length > LONGEST_POLICY) {
    throw badFlag("--deny-role-chaining")("the policy is too long");
  }
  return { arns, inline: joined };
}
