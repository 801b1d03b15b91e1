/**
 * The table of the guard rails: every source by every way out by every mode. What was signed carries the
 * policy, or nothing was handed out.
 */

import assert from "node:assert/strict";
import { buildCommands } from "../../src/cli/commands_table.ts";
import { SOURCES } from "../../src/credentials/sources/mod.ts";
import { repositoryFiles } from "../docs/repository_files.ts";
import { ScriptedTerminal } from "../fakes/scripted_terminal.ts";
import { NOT_ON_WINDOWS } from "../home.ts";
import { PROFILES, type RailsProfile } from "./profiles.ts";
import { type Left, RailsHome } from "./rails_home.ts";
import { type WayOut, WAYS } from "./ways_out.ts";

const READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
});

const ACTIONS = ["iam:CreateAccessKey", "iam:ListUsers", "s3:GetObject", "sts:AssumeRole"];
const READ = ["iam:ListUsers", "s3:GetObject"];
const NO_ROLES = ["iam:CreateAccessKey", "iam:ListUsers", "s3:GetObject"];

interface Mode {
  readonly name: string;
  readonly flags?: readonly string[];
  readonly settings?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What a person answers at the terminal; absent: there is none. */
  readonly answer?: string;
  /** What the credentials may do afterwards, of {@linkcode ACTIONS}; `everything`: they are not narrowed. */
  readonly allows?: readonly string[] | "everything";
  /** The exit code where nothing is given. */
  readonly exit?: number;
  readonly says?: RegExp;
}

const AGENT = { AWS_VAULT_AGENT: "a b" };

const MODES: readonly Mode[] = [
  { name: "--read-only", flags: ["--read-only"], allows: READ },
  { name: "--policy", flags: ["--policy", POLICY], allows: ["s3:GetObject"] },
  { name: "--policy-arn", flags: ["--policy-arn", READ_ONLY], allows: READ },
  { name: "--deny-role-chaining", flags: ["--deny-role-chaining"], allows: NO_ROLES },
  { name: "aws_vault_policy", settings: `aws_vault_policy = ${POLICY}`, allows: ["s3:GetObject"] },
  {
    name: "aws_vault_policy_arns",
    settings: `aws_vault_policy_arns = ${READ_ONLY}`,
    allows: READ,
  },
  { name: "agent read-only", settings: "aws_vault_agents = read-only", env: AGENT, allows: READ },
  {
    name: "AWS_VAULT_AGENTS",
    env: { CLAUDECODE: "1", AWS_VAULT_AGENTS: "Read-Only" },
    allows: READ,
  },
  {
    name: "agent refuse",
    settings: "aws_vault_agents = refuse",
    env: AGENT,
    exit: 1,
    says: /to the agent "a b": aws_vault_agents = refuse \(.*config:2\)/,
  },
  {
    name: "agent confirm",
    settings: "aws_vault_agents = confirm",
    env: AGENT,
    exit: 4,
    says: /A person must agree before credentials of profile/,
  },
  { name: "confirm", settings: "aws_vault_confirm = true", exit: 4, says: /none can be asked/ },
  {
    name: "confirm, and the answer is no",
    settings: "aws_vault_confirm = true",
    answer: "",
    exit: 1,
    says: /the answer was no/,
  },
  {
    name: "confirm, and the answer is yes",
    settings: "aws_vault_confirm = true",
    answer: "y",
    allows: "everything",
  },
];

/** Whether it is an agent's setting that narrows, beside which its flags are refused. */
const isAgentNarrowed = ({ env, allows }: Mode) => env !== undefined && allows === READ;

async function check(home: RailsHome, mode: Mode, profile: RailsProfile, way: WayOut) {
  const story = `${mode.name}: ${way.name} of ${profile.name}`;
  const sessions = new Set(home.aws.world.sessionIds());
  const terminal = mode.answer === undefined ? undefined : new ScriptedTerminal([mode.answer]);
  const request = { flags: mode.flags ?? [], profile: profile.name };
  const got = await way.run(home, request, terminal);
  if (profile.console !== undefined && way.isConsole && mode.allows === "everything") {
    return refused(got, { story, ...profile.console });
  }
  const isBeyond = way.asksForKey === true && isAgentNarrowed(mode);
  const isImpossible = profile.isNeverNarrowed === true && Array.isArray(mode.allows);
  if (mode.allows === undefined || isImpossible || isBeyond) {
    const says = isBeyond
      ? /by --no-session: /
      : mode.says ?? /takes no session policy\n(.*\n)*hint: Assume a role/;
    const made = home.aws.world.sessionIds().filter((id) => !sessions.has(id));
    refused(got, { story, exit: mode.exit ?? 1, says });
    assert.deepEqual(made, [], `${story} asked AWS`);
  } else given(home, got, { story, mode, way });
}

function refused(
  { code, stdout, stderr, left }: Left,
  { story, exit, says }: { story: string; exit: number; says: RegExp },
): void {
  assert.equal(code, exit, `${story}: ${stderr}`);
  assert.equal(stdout + left, "", story);
  assert.match(stderr, says, story);
}

/** What left is what the record says, and AWS gave it with these policies. */
function given(
  home: RailsHome,
  { code, left, stderr }: Left,
  { story, mode, way }: { story: string; mode: Mode; way: WayOut },
): void {
  assert.equal(code, 0, `${story}: ${stderr}`);
  const use = home.lastUse();
  const id = way.hidesKey ? String(use["accessKeyId"]) : /A[SK]IA[A-Z0-9]{16}/.exec(left)?.[0];
  assert.equal(id, use["accessKeyId"], story);
  const policies = home.aws.world.session(id!)?.policies;
  if (mode.allows === "everything") return;
  assert.ok(policies !== undefined, `${story} gave ${id} unnarrowed`);
  assert.deepEqual(ACTIONS.filter((action) => policies.allows(action)), mode.allows, story);
  const { arns, inline } = policies;
  assert.deepEqual(use["policies"], inline === undefined ? arns : [...arns, inline], story);
}

for (const mode of MODES) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `guard rails: no source and no way out goes around ${mode.name}`,
    async fn() {
      await using home = await RailsHome.open();
      // What is cached of a time without guard rails does not serve.
      await home.fillCache();
      home.configure(mode.settings ?? "");
      Object.assign(home.env, mode.env);
      for (const way of WAYS) {
        for (const profile of PROFILES) await check(home, mode, profile, way);
      }
    },
  });
}

Deno.test("every source has its profiles in the table of the guard rails", async () => {
  await using home = await RailsHome.open();
  const kinds: string[] = [];
  for (const { name, kind } of PROFILES) {
    const { stdout } = await home.succeed("explain", "--json", name);
    assert.equal(JSON.parse(stdout).source.kind, kind, name);
    kinds.push(kind);
  }
  assert.deepEqual(new Set(kinds), new Set(SOURCES.map(({ kind }) => kind)));
  const bare = SOURCES.filter(({ takesPolicies, kind }) =>
    !takesPolicies && !PROFILES.some((row) => row.kind === kind && !row.isNeverNarrowed)
  );
  assert.deepEqual(bare, []);
});

/** Its plan is shown, and nothing leaves. */
const SHOWS_ONLY = new Set(["explain", "whoami"]);
/** The first prints by the code of `export`; the second refuses every profile that is narrowed. */
const BY_EXPORT = new Set(["sso_export.ts", "exec_profile.ts"]);

Deno.test("every command that narrows, and every file that hands out, is in the table of the guard rails", () => {
  const narrowing = Object.entries(buildCommands({}))
    .filter(([, { parameters }]) => "readOnly" in (parameters.flags ?? {}))
    .map(([name]) => name).filter((name) => !SHOWS_ONLY.has(name));
  assert.deepEqual(
    narrowing.toSorted(),
    [...new Set(WAYS.map(({ command }) => command))].toSorted(),
  );
  const files = repositoryFiles(/^\.\/src\/commands\/.*(?<!_test)\.ts$/)
    .filter(([, text]) => /\bhandOut\b.*from "\.\/hand_out\.ts"/.test(text))
    .map(([path]) => path.split("/").at(-1)!).filter((file) => !BY_EXPORT.has(file));
  assert.deepEqual(files.toSorted(), [...new Set(WAYS.map(({ file }) => file))].toSorted());
});
