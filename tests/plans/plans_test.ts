import assert from "node:assert/strict";
import { resolveLifetimes } from "../../src/config/lifetimes.ts";
import { openConfig, type Profile, resolveChain } from "../../src/config/profile.ts";
import { planSource } from "../../src/credentials/find_source.ts";
import { type Plan, planCredentials } from "../../src/credentials/plan.ts";
import { STORED_KEY } from "../../src/credentials/sources/stored_key.ts";
import type { Env } from "../../src/host.ts";
import { type Call, plan72, refusal } from "./aws_rules.ts";
import { type Graph, randomGraph, seeded, shuffled } from "./random_graph.ts";

const GRAPHS = 2000;

interface Command {
  readonly name: string;
  readonly noSession: boolean;
  readonly durationSeconds: number | undefined;
  readonly env: Readonly<Record<string, string>>;
}

function randomCommand(graph: Graph, random: () => number): Command {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  return {
    name: pick(graph.names),
    noSession: random() < 0.2,
    durationSeconds: pick([undefined, undefined, undefined, 900, 3600, 7200, 43_200]),
    env: {
      ...(random() < 0.1 ? { AWS_ASSUME_ROLE_TTL: pick(["15m", "2h"]) } : {}),
      ...(random() < 0.1 ? { AWS_SESSION_TOKEN_TTL: pick(["30m", "12h"]) } : {}),
      ...(random() < 0.1 ? { AWS_CHAINED_SESSION_TOKEN_TTL: pick(["1h", "36h"]) } : {}),
      ...(random() < 0.05 ? { AWS_MFA_SERIAL: "arn:aws:iam::111111111111:mfa/phone" } : {}),
    },
  };
}

function readEnv(variables: Readonly<Record<string, string>>): Env {
  return { get: (name) => variables[name], all: () => variables };
}

function chainOf(sections: readonly string[], command: Command): Profile[] {
  return resolveChain(openConfig(sections.join(""), "config"), command.name, {
    env: readEnv(command.env),
    activeProfile: command.name,
    flags: { durationSeconds: command.durationSeconds },
    sourceSettings: [],
  });
}

function planOf(chain: readonly Profile[], graph: Graph, command: Command): Plan {
  return planCredentials({
    chain,
    source: planSource(STORED_KEY, chain.find(({ name }) => graph.keys.has(name))!),
    lifetimes: resolveLifetimes(readEnv(command.env), command),
    useSessions: !command.noSession,
  });
}

function callsOf(plan: Plan): Call[] {
  return plan.steps.map((step) => ({
    action: step.action,
    durationSeconds: step.durationSeconds,
    ...(step.action === "AssumeRole"
      ? { roleArn: step.profile.roleArn!, needsMfa: step.profile.mfaSerial !== undefined }
      : {}),
    ...(step.mfa === undefined ? {} : { mfa: step.mfa.serial }),
  }));
}

Deno.test("planCredentials() gets every random command through, by the calls of 7.2 where those get through", async (t) => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  let refused72 = 0;
  await t.step(`${GRAPHS} graphs, seed ${seed}`, () => {
    const random = seeded(seed);
    for (let i = 0; i < GRAPHS; i++) {
      const graph = randomGraph(random);
      const command = randomCommand(graph, random);
      const chain = chainOf(graph.sections, command);
      const plan = planOf(chain, graph, command);
      const calls = callsOf(plan);
      const story = JSON.stringify({ seed, i, command, config: graph.sections, calls }, null, 1);
      assert.equal(refusal(calls), undefined, story);
      const other = chainOf(shuffled(graph.sections, random), command);
      assert.deepEqual(planOf(other, graph, command), plan, `depends on the order: ${story}`);
      refused72 += compareWith72(chain, graph, command, calls, story);
    }
  });
  assert.ok(refused72 > 0, "7.2 got everything through: the graphs are too tame");
});

Deno.test("planCredentials() gets every task of the root user through, behind any chain", async (t) => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  await t.step(`${GRAPHS} graphs, seed ${seed}`, () => {
    const random = seeded(seed);
    for (let i = 0; i < GRAPHS; i++) {
      const graph = randomGraph(random);
      const source = randomCommand(graph, random).name;
      const task = `[profile root]\nsource_profile = ${source}\naws_account_id = 444455556666\n` +
        "aws_vault_root_task_policy = S3UnlockBucketPolicy\n";
      const command = { ...randomCommand(graph, random), name: "root" };
      const sections = [...graph.sections, task];
      const calls = callsOf(planOf(chainOf(sections, command), graph, command));
      const story = JSON.stringify({ seed, i, command, config: sections, calls }, null, 1);
      assert.equal(refusal(calls), undefined, story);
      assert.equal(calls.at(-1)?.action, "AssumeRoot", story);
    }
  });
});

/** 1 where AWS would refuse 7.2; otherwise the calls have to be the same. */
function compareWith72(
  chain: readonly Profile[],
  graph: Graph,
  command: Command,
  calls: readonly Call[],
  story: string,
): number {
  const lifetimes = resolveLifetimes(readEnv(command.env), command);
  const old = plan72(chain, (name) => graph.keys.has(name), {
    noSession: command.noSession,
    sessionSeconds: lifetimes.sessionSeconds,
    chainedSeconds: lifetimes.chainedSessionSeconds,
  })!;
  if (refusal(old) !== undefined) return 1;
  // 7.2 asks for the codes of two devices where a profile without a role stands between them; here
  // the session of the device nearest to the key serves.
  if (new Set(old.map((call) => call.mfa).filter((mfa) => mfa !== undefined)).size > 1) return 0;
  // A chain of roles shares one session as in ByteNess' version, even where it is asked for longer.
  const isChain = calls.filter(({ action }) => action === "AssumeRole").length > 1;
  if (isChain && calls[0]!.mfa !== undefined && old[0]!.action === "AssumeRole") return 0;
  assert.deepEqual(calls, old, story);
  return 0;
}
