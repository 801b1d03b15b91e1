/** Session policies, evaluated as far as the tests need it: actions with `*`, every resource, no condition. */

import type { ActionCall } from "./action.ts";
import { Refusal } from "./refusal.ts";

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly actions: readonly string[];
}

/** What the managed policies of these names allow; any other allows nothing. */
const MANAGED: Readonly<Record<string, readonly string[]>> = {
  // As the true one: `sts:AssumeRole` has the access level Write and is not in it.
  ReadOnlyAccess: ["iam:Get*", "iam:List*", "s3:Get*", "s3:List*", "ec2:Describe*"],
  AdministratorAccess: ["*"],
};

/** The session policies of one call: together they allow what any allows and none denies. */
export class SessionPolicySet {
  readonly arns: readonly string[];
  readonly inline: string | undefined;
  readonly #statements: readonly Statement[];

  constructor(arns: readonly string[], inline: string | undefined) {
    this.arns = arns;
    this.inline = inline;
    const managed = arns.map((arn): Statement => ({
      Effect: "Allow",
      actions: MANAGED[arn.split("/").at(-1)!] ?? [],
    }));
    this.#statements = [...managed, ...inline === undefined ? [] : parseStatements(inline)];
  }

  allows(action: string): boolean {
    const effects = this.#statements
      .filter(({ actions }) => actions.some((pattern) => matches(pattern, action)))
      .map(({ Effect }) => Effect);
    return effects.includes("Allow") && !effects.includes("Deny");
  }
}

/** The policies that a call names; `undefined` where it names none. */
export function policiesOf(params: ActionCall["params"]): SessionPolicySet | undefined {
  const arns: string[] = [];
  for (let n = 1; params.has(`PolicyArns.member.${n}.arn`); n++) {
    const arn = params.get(`PolicyArns.member.${n}.arn`)!;
    if (!/^arn:aws:iam::(aws|\d{12}):policy\/.+$/.test(arn)) {
      throw new Refusal(400, "ValidationError", `ARN ${arn} is not valid.`);
    }
    arns.push(arn);
  }
  const inline = params.get("Policy");
  return arns.length === 0 && inline === undefined ? undefined : new SessionPolicySet(arns, inline);
}

function parseStatements(text: string): Statement[] {
  let policy;
  try {
    policy = JSON.parse(text);
  } catch {
    throw malformed("This policy contains invalid Json");
  }
  if (policy.Version !== undefined && !["2012-10-17", "2008-10-17"].includes(policy.Version)) {
    throw malformed("Syntax errors in policy.");
  }
  return [policy.Statement].flat().map((statement) => {
    const { Effect, Action, Resource } = statement;
    if (Effect !== "Allow" && Effect !== "Deny" || Action === undefined || Resource === undefined) {
      throw malformed("Syntax errors in policy.");
    }
    return { Effect, actions: [Action].flat() };
  });
}

function malformed(message: string): Refusal {
  return new Refusal(400, "MalformedPolicyDocument", message);
}

function matches(pattern: string, action: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`, "i").test(action);
}
