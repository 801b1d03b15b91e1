/**
 * The guard rails of one request: how its credentials are narrowed, and whether a person has to agree.
 *
 * This is a guard rail and not a boundary: a program that runs as the person can unset the variables that
 * identify an agent (SECURITY.md, "Agents").
 */

import type { GuardSettings } from "../config/guard_settings.ts";
import type { Profile } from "../config/profile.ts";
import { partitionOfArn, resolvePartition } from "../aws/partitions.ts";
import { detectAgent } from "../agent.ts";
import { VaultError } from "../errors.ts";
import type { Env, Host } from "../host.ts";
import type { PolicyWishes, SessionPolicies } from "../session_policies.ts";
import { quote } from "../text.ts";
import { readOnlyArn, resolveNarrowing } from "./policies.ts";

/** The restrictions on one request. */
export interface Guard {
  readonly policies?: SessionPolicies | undefined;
  /** The flag or setting that requires the policies. */
  readonly why?: string | undefined;
  /** The coding agent that makes the request. */
  readonly agent?: string | undefined;
  /** The agent whose name the role session carries (`aws_vault_agent_tags`). */
  readonly taggedAgent?: string | undefined;
  /** Set if a person has to agree. */
  readonly confirm?: Confirmation | undefined;
  /** Set if nothing is handed out. */
  readonly refusal?: VaultError | undefined;
}

/** Why a person is asked, and for how long the answer is valid. */
export interface Confirmation {
  /** The setting and its place. */
  readonly why: string;
  /** In seconds; 0: asks each time. */
  readonly rememberSeconds: number;
}

/** The options of a command line that matter to guard rails. */
export interface GuardWishes extends PolicyWishes {
  readonly noSession?: boolean | undefined;
  /** Leaves the Identity Center login, with all its accounts and roles, where every program finds it. */
  readonly ssoCache?: boolean | undefined;
  /** The requester, if it is not this process: the agent that a grant was made for. */
  readonly agent?: string | undefined;
}

/** The inputs of a guard. */
export interface GuardRequest {
  readonly host: Pick<Host, "env" | "platform" | "files">;
  readonly profile: Profile;
  readonly wishes: GuardWishes;
}

/** For a request of the program itself: it signs its own calls. */
export const NO_GUARD: Guard = {};

/** The guard of a request; throws `bad-usage` and `bad-config`. Agents get a `refusal` instead. */
export function resolveGuard({ host, profile, wishes }: GuardRequest): Guard {
  const guards = profile.guards;
  const agent = wishes.agent ?? detectAgent(host.env);
  const asked = resolveNarrowing(host, wishes, guards, partitionOf(profile));
  const confirm = guards?.confirm && {
    why: `aws_vault_confirm = ${guards.confirm.text} (${guards.confirm.place})`,
    rememberSeconds: guards.confirm.rememberSeconds,
  };
  const guard: Guard = { policies: asked?.policies, why: asked?.why, agent, confirm };
  if (agent === undefined) return guard;
  const tagged = guards?.agentTags ? { ...guard, taggedAgent: nameOf(agent) } : guard;
  return forAgent(tagged, { agent, profile, wishes, rules: agentRules(guards, host.env) });
}

function partitionOf({ roleArn = "", region }: Profile): string {
  return (partitionOfArn(roleArn) ?? resolvePartition(region || "us-east-1")).id;
}

/** In the form that AWS accepts in tags and role session names. */
function nameOf(agent: string): string {
  return agent.replace(/[^\w+=,.@-]/g, "-").slice(0, 32);
}

/** What an agent gets from a profile (`aws_vault_agents`). */
export type AgentWord = "allow" | "read-only" | "confirm" | "refuse";

/** The rule of one setting or variable about agents. */
export interface AgentRule {
  readonly word: AgentWord;
  /** The setting with its place, for messages. */
  readonly why: string;
}

const WORDS: readonly AgentWord[] = ["allow", "read-only", "confirm", "refuse"];

/** The rules of setting and variable; all of them apply, so the strictest wins. */
function agentRules(guards: Agents | undefined, env: Env): AgentRule[] {
  const variable = env.get("AWS_VAULT_AGENTS");
  const { agents } = guards ?? {};
  return [
    ...agents ? [ruleOf(agents.text, `aws_vault_agents = ${agents.text} (${agents.place})`)] : [],
    ...variable ? [ruleOf(variable, `AWS_VAULT_AGENTS=${variable}`)] : [],
  ];
}

/** The setting `aws_vault_agents` of a profile. */
type Agents = { readonly agents?: GuardSettings["agents"] | undefined };

/** Whether coding agents get as much from a profile as anyone else. */
export function allowsAgents(guards: Agents | undefined, env: Env): boolean {
  return agentLimit(guards, env) === undefined;
}

/** The setting or variable that restricts coding agents for a profile. */
export function agentLimit(guards: Agents | undefined, env: Env): AgentRule | undefined {
  return agentRules(guards, env).find(({ word }) => word !== "allow");
}

/** An unknown word was meant as a restriction: it counts as the strictest one. */
function ruleOf(text: string, place: string): AgentRule {
  const word = WORDS.find((word) => word === text.trim().toLowerCase());
  if (word !== undefined) return { word, why: place };
  return {
    word: "refuse",
    why: `${place}, which is none of ${WORDS.join(", ")}, counts as refuse`,
  };
}

interface AgentRequest extends Omit<GuardRequest, "host"> {
  readonly agent: string;
  readonly rules: readonly AgentRule[];
}

function forAgent(guard: Guard, request: AgentRequest): Guard {
  const find = (word: AgentWord) => request.rules.find((rule) => rule.word === word);
  const [refuse, readOnly, confirm] = [find("refuse"), find("read-only"), find("confirm")];
  if (refuse !== undefined) return { ...guard, refusal: refusal(request, refuse) };
  const limit = readOnly ?? confirm;
  if (limit !== undefined && request.wishes.ssoCache) {
    return { ...guard, refusal: refusal(request, limit, "by --sso-cache") };
  }
  const confirmed: Guard = confirm === undefined ? guard : {
    ...guard,
    confirm: { rememberSeconds: guard.confirm?.rememberSeconds ?? 0, why: confirm.why },
  };
  return readOnly === undefined ? confirmed : readOnlyFor(confirmed, request, readOnly);
}

/**
 * Restricts an agent to reading. A further policy, of its flags or of the profile, is refused:
 * together with ReadOnlyAccess it would allow more than reading.
 */
function readOnlyFor(guard: Guard, request: AgentRequest, rule: AgentRule): Guard {
  const { profile } = request;
  const { policyArn = [], policy: given, noSession, denyRoleChaining } = request.wishes;
  const beyond = [
    ...policyArn.length > 0 ? ["--policy-arn"] : [],
    ...given === undefined ? [] : ["--policy"],
    ...noSession ? ["--no-session"] : [],
  ];
  if (beyond.length > 0) {
    return { ...guard, refusal: refusal(request, rule, `by ${beyond.join(" and ")}`) };
  }
  const { policyArns, policy } = profile.guards ?? {};
  const own = [policyArns && "aws_vault_policy_arns", policy && "aws_vault_policy"].find(Boolean);
  if (own !== undefined) {
    const why = `beside ${own}, since session policies add up`;
    return { ...guard, refusal: refusal(request, rule, why) };
  }
  const readOnly = [readOnlyArn(partitionOf(profile))];
  // Of the flags only the denied role chain remains, without its statement that allows the rest.
  const policies = denyRoleChaining ? { arns: readOnly, inline: DENIED_CHAIN } : { arns: readOnly };
  return { ...guard, policies, why: rule.why };
}

const DENIED_CHAIN = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Action: "sts:AssumeRole*", Resource: "*" }],
});

function refusal({ agent, profile }: AgentRequest, { why }: AgentRule, how = ""): VaultError {
  return new VaultError(
    "refused",
    `Cannot give the credentials of profile ${quote(profile.name)} to the agent ${quote(agent)}` +
      `${how === "" ? "" : ` ${how}`}: ${why}`,
    { hints: ["A person can run it in a terminal of their own, or change the setting"] },
  );
}
