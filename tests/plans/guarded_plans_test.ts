/** Generated plans within guard rails: an agent never gets more than its setting. */

import assert from "node:assert/strict";
import { resolveLifetimes } from "../../src/config/lifetimes.ts";
import { openConfig, type Profile, resolveChain } from "../../src/config/profile.ts";
import { planSource } from "../../src/credentials/find_source.ts";
import { type Guard, resolveGuard } from "../../src/credentials/guard.ts";
import { guardPlan } from "../../src/credentials/guard_plan.ts";
import { type Plan, planCredentials } from "../../src/credentials/plan.ts";
import { withRole } from "../../src/credentials/plan_role.ts";
import type { CredentialSource } from "../../src/credentials/source.ts";
import { SOURCES } from "../../src/credentials/sources/mod.ts";
import { VaultError } from "../../src/errors.ts";
import { MemoryFiles } from "../fakes/memory_files.ts";
import { randomGraph, seeded } from "./random_graph.ts";

const PLANS = 2000;
const READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess";

/** What the sources are that a policy can be sent to, by AWS's names of the calls and not by the rows. */
const TAKE_POLICIES = new Set(["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"]);

/** What one plan hands out: nothing, or credentials with these policies. */
type Outcome =
  | { readonly kind: "refused" }
  | {
    readonly kind: "given";
    readonly arns: readonly string[] | undefined;
    readonly inline: string | undefined;
    readonly isConfirmed: boolean;
  };

Deno.test("no generated plan gives an agent more than its setting", async (t) => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  const counts: Record<string, number> = {};
  await t.step(`${PLANS} plans, seed ${seed}`, () => {
    const random = seeded(seed);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
    for (let i = 0; i < PLANS; i++) {
      const graph = randomGraph(random);
      const settings = [pick(SETTINGS), pick(SETTINGS)] as const;
      const policyLine = random() < 0.15 ? `aws_vault_policy_arns = ${ADMIN}\n` : "";
      const agentLine = settings[0] === undefined ? "" : `aws_vault_agents = ${settings[0]}\n`;
      const name = pick(graph.names);
      const text = graph.sections.map((section) =>
        section.startsWith(`[profile ${name}]\n`) ? section + agentLine + policyLine : section
      ).join("");
      // An agent that runs the program, or that a grant of a server was made for.
      const isGranted = random() < 0.3;
      const variables: Record<string, string> = {
        ...!isGranted && { CLAUDECODE: "1" },
        ...settings[1] && {
          AWS_VAULT_AGENTS: settings[1],
        },
      };
      const env = { get: (key: string) => variables[key], all: () => variables };
      const request = {
        wishes: {
          readOnly: random() < 0.2,
          policyArn: random() < 0.2 ? [ADMIN] : undefined,
          policy: random() < 0.1 ? '{"Statement":[]}' : undefined,
          denyRoleChaining: random() < 0.2,
          noSession: random() < 0.2,
          ssoCache: random() < 0.1,
          ...isGranted && { agent: "claude" },
        },
        forConsole: random() < 0.2,
        asksServerForRole: random() < 0.2,
      };
      const chain = resolveChain(openConfig(text, "config"), name, {
        env,
        activeProfile: name,
        flags: {},
        sourceSettings: [],
      });
      const row = random() < 0.6 ? SOURCES[0]! : pick(SOURCES);
      const outcome = outcomeOf(chain, row, request, { env, keys: graph.keys });
      const story = JSON.stringify({
        seed,
        i,
        name,
        text,
        variables,
        request,
        row: row.kind,
        outcome,
      });
      judge(settings, outcome, { story, sharesLogin: request.wishes.ssoCache });
      counts[outcome.kind] = (counts[outcome.kind] ?? 0) + 1;
    }
  });
  for (const kind of ["refused", "given"]) {
    assert.ok((counts[kind] ?? 0) > PLANS / 10, `too few are ${kind}: ${JSON.stringify(counts)}`);
  }
});

const SETTINGS = [undefined, "allow", "read-only", "confirm", "refuse", "Read-Only", "readonly"];

/** What the settings say, by the text of the issue and not by the code. */
function judge(
  settings: readonly (string | undefined)[],
  outcome: Outcome,
  { story, sharesLogin }: { story: string; sharesLogin: boolean },
): void {
  const words = settings.filter((word) => word !== undefined).map((word) => word.toLowerCase());
  const isLimited = words.includes("read-only") || words.includes("confirm");
  const isRefused = words.includes("refuse") || words.includes("readonly") ||
    isLimited && sharesLogin;
  if (isRefused) assert.equal(outcome.kind, "refused", story);
  if (outcome.kind === "refused") return;
  if (words.includes("confirm")) assert.ok(outcome.isConfirmed, story);
  if (!words.includes("read-only")) return;
  assert.deepEqual(outcome.arns, [READ_ONLY], story);
  assert.ok(outcome.inline === undefined || !outcome.inline.includes("Allow"), story);
}

interface World {
  readonly env: { get(name: string): string | undefined; all(): Record<string, string> };
  readonly keys: ReadonlySet<string>;
}

function outcomeOf(
  chain: readonly Profile[],
  row: CredentialSource,
  { wishes, forConsole, asksServerForRole }: {
    wishes: Parameters<typeof resolveGuard>[0]["wishes"];
    forConsole: boolean;
    asksServerForRole: boolean;
  },
  { env, keys }: World,
): Outcome {
  const start = chain.find(({ name }) => keys.has(name))!;
  const source = planSource(row, start);
  const lifetimes = resolveLifetimes(env, {});
  const host = {
    env,
    files: new MemoryFiles(),
    platform: { os: "linux", pid: 1, home: "/home/a", executable: "aws-vault", user: "1" },
  } as const;
  try {
    const profile = chain[0]!;
    const guard = resolveGuard({ host, profile, wishes });
    if (guard.refusal !== undefined) return { kind: "refused" };
    const useSessions = !wishes.noSession;
    const unguarded = planCredentials({ chain, source, lifetimes, useSessions, forConsole });
    const plan = guardPlan(unguarded, guard, lifetimes);
    const planned = { plan, unguarded, guard, profile, lifetimes, env };
    const role = "arn:aws:iam::222222222222:role/asked";
    return given(asksServerForRole ? withRole(planned, role).plan : plan, guard);
  } catch (error) {
    if (error instanceof VaultError) return { kind: "refused" };
    throw error;
  }
}

/** What the last call of a plan signs, wherever that is. */
function given({ source, steps }: Plan, guard: Guard): Outcome {
  const last = steps.at(-1);
  const takes = last === undefined
    ? TAKE_POLICIES.has(source.row.kind)
    : last.action !== "GetSessionToken";
  const policies = last === undefined ? source.request?.policies : last.policies;
  return {
    kind: "given",
    arns: takes ? policies?.arns : undefined,
    inline: takes ? policies?.inline : undefined,
    isConfirmed: guard.confirm !== undefined,
  };
}
