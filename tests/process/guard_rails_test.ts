/** Guard rails: every source by every way out, judged by what AWS gave and not by what was printed. */

import assert from "node:assert/strict";
import type { Host } from "../../src/host.ts";
import { systemHost } from "../../src/system/host.ts";
import { ScriptedTerminal } from "../fakes/scripted_terminal.ts";
import { NOT_ON_WINDOWS } from "../home.ts";
import { ConsoleSignIn } from "../servers/console_sign_in.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import { SESSION, SsoHome } from "../sso/sso_home.ts";

const ACCOUNT = "111122223333";
const RECORD = ".awsvault/state/uses.jsonl";

/** A profile for each source, and for a role above those that no call narrows. */
const CONFIG = `${SESSION}
[profile work]
[profile admin]
source_profile = work
role_arn = arn:aws:iam::${ACCOUNT}:role/admin
[profile sso]
sso_session = corp
sso_account_id = ${ACCOUNT}
sso_role_name = Admin
[profile sso-role]
source_profile = sso
role_arn = arn:aws:iam::${ACCOUNT}:role/admin
[profile process]
credential_process = cat HOME/credentials.json
[profile process-role]
source_profile = process
role_arn = arn:aws:iam::${ACCOUNT}:role/admin
[profile web]
role_arn = arn:aws:iam::${ACCOUNT}:role/job
web_identity_token_file = HOME/token
[profile static]
[profile session]
[profile environment]
credential_source = Environment
[profile environment-role]
credential_source = Environment
role_arn = arn:aws:iam::${ACCOUNT}:role/admin
`;

const SOURCES = [
  "work",
  "admin",
  "sso",
  "sso-role",
  "process",
  "process-role",
  "web",
  "static",
  "session",
  "environment",
  "environment-role",
];

/** Their own request takes no policy, and no role stands above. */
const NOT_NARROWED = new Set(["sso", "process", "session", "environment"]);

const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
});

interface Mode {
  readonly name: string;
  readonly flags?: readonly string[];
  readonly settings?: string;
  readonly agent?: string;
  /** What the credentials may do afterwards, of {@linkcode ACTIONS}; absent: nothing is given. */
  readonly allows?: readonly string[];
  /** The exit code where nothing is given. */
  readonly exit?: number;
  readonly says?: RegExp;
}

const ACTIONS = ["iam:CreateAccessKey", "iam:ListUsers", "s3:GetObject", "sts:AssumeRole"];
const READ = ["iam:ListUsers", "s3:GetObject"];

const MODES: readonly Mode[] = [
  { name: "read-only", flags: ["--read-only"], allows: READ },
  { name: "policy", flags: ["--policy", POLICY], allows: ["s3:GetObject"] },
  {
    name: "role chaining",
    flags: ["--deny-role-chaining"],
    allows: ["iam:CreateAccessKey", "iam:ListUsers", "s3:GetObject"],
  },
  { name: "profile", settings: `aws_vault_policy = ${POLICY}`, allows: ["s3:GetObject"] },
  { name: "agent read-only", settings: "aws_vault_agents = read-only", agent: "a b", allows: READ },
  {
    name: "agent refuse",
    settings: "aws_vault_agents = refuse",
    agent: "claude",
    exit: 1,
    says: /to the agent "claude": aws_vault_agents = refuse \(.*config:2\)/,
  },
  {
    name: "agent confirm",
    settings: "aws_vault_agents = confirm",
    agent: "claude",
    exit: 4,
    says: /A person has to agree before credentials of profile/,
  },
  { name: "confirm", settings: "aws_vault_confirm = true", exit: 4, says: /none can be asked/ },
];

class RailsHome extends SsoHome {
  signIn!: ConsoleSignIn;
  /** Whether time passes at once where the program waits. */
  jumps = false;
  /** The path at which the child asks the server of exec; its own by default. */
  asksForRole = "";
  /** What the child of exec had or was served. */
  #seen = "";

  static override async open(): Promise<RailsHome> {
    const home = new RailsHome(
      await startFakeAws({
        users: [{ name: "work" }, { name: "other" }],
        roles: [{ name: "admin" }, { name: "job", subjects: ["a"] }],
        identityCenter: {},
      }),
    );
    home.signIn = new ConsoleSignIn(home.aws.world);
    home.env["AWS_ENDPOINT_URL_SIGNIN"] = home.signIn.url;
    home.configure("");
    home.write("token", home.aws.webIdentityToken({ sub: "a" }));
    const { id: AccessKeyId, secret: SecretAccessKey } = home.aws.user("other").key;
    home.write(
      "credentials.json",
      JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey }),
    );
    await home.as("work").succeed("add", "--env", "work");
    const { stdout } = await home.succeed("export", "--format=json", "work");
    const session = JSON.parse(stdout);
    home.write(
      ".aws/credentials",
      `[static]\naws_access_key_id = ${AccessKeyId}\naws_secret_access_key = ${SecretAccessKey}\n` +
        `[session]\naws_access_key_id = ${session.AccessKeyId}\n` +
        `aws_secret_access_key = ${session.SecretAccessKey}\n` +
        `aws_session_token = ${session.SessionToken}\n`,
    );
    home.as("other");
    home.aws.takeCalls();
    return home;
  }

  /** Settings for every profile, in [default], from line 2 on. */
  configure(settings: string): void {
    this.write(".aws/config", `[default]\n${settings}\n${CONFIG.replaceAll("HOME", this.path)}`);
  }

  /** Runs a way out, and gives what left by it: all that was printed or that the child of exec had. */
  async leave(words: readonly string[], terminal = new ScriptedTerminal()) {
    this.#seen = "";
    const finished = await this.runOn((host) => this.#changed(host, terminal), ...words);
    return { ...finished, left: finished.stdout + this.#seen };
  }

  #changed(host: Host, terminal: ScriptedTerminal): Host {
    const programs = {
      ...host.programs,
      replace: () => Promise.resolve(false as const),
      attend: async (_: string, __: readonly string[], env: Readonly<Record<string, string>>) => {
        this.#seen = await credentialsOfChild(env, this.asksForRole);
        return 0;
      },
    };
    // A sign-in is waited for by jumps; the renewal of a server is not, nor is anything else.
    const jump = (ms: number) => Promise.resolve(this.pass(ms));
    const sleep = this.jumps ? jump : systemHost().clock.sleep;
    const now = () => Temporal.Now.instant().add({ milliseconds: this.movedMs });
    const monotonicMs = () => performance.now() + this.movedMs;
    return { ...host, programs, terminal, clock: { now, monotonicMs, sleep } };
  }

  lastUse(): Record<string, unknown> {
    return JSON.parse((this.read(RECORD) ?? "").trimEnd().split("\n").at(-1)!);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.signIn[Symbol.asyncDispose]();
    await super[Symbol.asyncDispose]();
  }
}

async function credentialsOfChild(
  env: Readonly<Record<string, string>>,
  path: string,
): Promise<string> {
  const uri = env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  if (uri !== undefined) {
    const authorization = env["AWS_CONTAINER_AUTHORIZATION_TOKEN"]!;
    const url = path === "" ? uri : new URL(uri).origin + path;
    return await (await fetch(url, { headers: { authorization } })).text();
  }
  const metadata = env["AWS_EC2_METADATA_SERVICE_ENDPOINT"];
  if (metadata === undefined) return env["AWS_ACCESS_KEY_ID"] ?? "";
  const base = `${metadata.replace(/\/$/, "")}/latest`;
  const ttl = { "x-aws-ec2-metadata-token-ttl-seconds": "60" };
  const token = await (await fetch(`${base}/api/token`, { method: "PUT", headers: ttl })).text();
  const headers = { "x-aws-ec2-metadata-token": token };
  const roles = `${base}/meta-data/iam/security-credentials/`;
  const role = await (await fetch(roles, { headers })).text();
  return await (await fetch(roles + role, { headers })).text();
}

const EXPORT_FORMATS = [
  "env",
  "export-env",
  "ini",
  "fish",
  "powershell",
  "pwsh",
  "cmd",
  "nushell",
  "dotenv",
  "docker-env",
  "systemd-env",
];

/** Each way out, as words before the flags and the profile, and after them. */
const WAYS: Readonly<Record<string, readonly [before: string[], after: string[]]>> = {
  "export json": [["export", "--format=json"], []],
  "export --no-session": [["export", "--no-session"], []],
  exec: [["exec"], ["--", "true"]],
  "exec --server": [["exec", "--server"], ["--", "true"]],
  "exec --imds-port": [["exec", "--imds-port", "0"], ["--", "true"]],
  login: [["login", "--stdout"], []],
};

function formats(): typeof WAYS {
  return Object.fromEntries(
    EXPORT_FORMATS.map((name) => [`export ${name}`, [["export", `--format=${name}`], []]]),
  );
}

async function check(home: RailsHome, mode: Mode, profile: string, way: string): Promise<void> {
  const [before, after] = (WAYS[way] ?? formats()[way])!;
  const flags = [...mode.flags ?? [], "--sso-device-code"];
  const story = `${mode.name}: ${way} of ${profile}`;
  const sessions = new Set(home.aws.world.sessionIds());
  const { code, left, stdout, stderr } = await home.leave([...before, ...flags, profile, ...after]);
  const isBeyond = way === "export --no-session" && mode.name === "agent read-only";
  if (mode.allows === undefined || NOT_NARROWED.has(profile) || isBeyond) {
    assert.equal(code, mode.exit ?? 1, `${story}: ${stderr}`);
    assert.equal(stdout + left, "", story);
    if (mode.says) assert.match(stderr, mode.says, story);
    else if (isBeyond) assert.match(stderr, /by --no-session: aws_vault_agents = read-only/, story);
    else assert.match(stderr, /takes no session policy\n(.*\n)*hint: Assume a role/, story);
    const made = home.aws.world.sessionIds().filter((id) => !sessions.has(id));
    assert.deepEqual(made, [], `${story} asked AWS`);
    return;
  }
  assert.equal(code, 0, `${story}: ${stderr}`);
  const use = home.lastUse();
  const id = way === "login" ? String(use["accessKeyId"]) : /A[SK]IA[A-Z0-9]{16}/.exec(left)?.[0];
  assert.equal(id, use["accessKeyId"], story);
  const policies = home.aws.world.session(id!)?.policies;
  assert.ok(policies !== undefined, `${story} gave ${id} unnarrowed`);
  assert.deepEqual(ACTIONS.filter((action) => policies.allows(action)), mode.allows, story);
  assert.deepEqual(use["policies"], [
    ...policies.arns,
    ...policies.inline === undefined ? [] : [policies.inline],
  ], story);
}

for (const mode of MODES) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `guard rails: no way out goes around ${mode.name}`,
    async fn() {
      await using home = await RailsHome.open();
      // What is cached of a time without guard rails does not serve.
      home.jumps = true;
      for (const profile of SOURCES) {
        await home.leave(["export", "--format=json", "--sso-device-code", profile]);
      }
      home.jumps = false;
      home.configure(mode.settings ?? "");
      if (mode.agent !== undefined) home.env["AWS_VAULT_AGENT"] = mode.agent;
      for (const profile of SOURCES) {
        for (const way of Object.keys(WAYS)) {
          const isServed = way.startsWith("exec --");
          if (isServed && profile.startsWith("process")) continue;
          await check(home, mode, profile, way);
        }
      }
      for (const way of Object.keys(formats())) await check(home, mode, "admin", way);
    },
  });
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a role that a program asks the server for is narrowed itself",
  async fn() {
    await using home = await RailsHome.open();
    const role = `arn:aws:iam::${ACCOUNT}:role/admin`;
    const words = ["exec", "--server", "--allow-role", "*", "--read-only", "work", "--", "true"];
    home.asksForRole = `/role-arn/${role}`;
    const { code, left, stderr } = await home.leave(words);
    assert.equal(code, 0, stderr);
    const session = home.aws.world.session(JSON.parse(left).AccessKeyId)!;
    assert.deepEqual([session.role?.name, session.policies?.arns], [
      "admin",
      ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    ]);
  },
});

Deno.test("an agent's flags get it no more than its setting, and a misspelt setting gets it nothing", async () => {
  await using home = await RailsHome.open();
  home.env["CLAUDECODE"] = "1";
  const refusal = async (...words: string[]) => {
    const { code, stdout, stderr } = await home.run("export", ...words);
    assert.deepEqual([code, stdout], [1, ""], words.join(" "));
    return stderr.split("\n")[0]!.replaceAll(home.path, "HOME");
  };
  const start = 'error: Cannot give the credentials of profile "admin" to the agent "claude"';
  home.configure("aws_vault_agents = read-only");
  const readOnly = "aws_vault_agents = read-only (HOME/.aws/config:2)";
  assert.equal(await refusal("--policy", POLICY, "admin"), `${start} by --policy: ${readOnly}`);
  assert.equal(await refusal("-n", "admin"), `${start} by --no-session: ${readOnly}`);
  // The login would lie where every program finds it, for all of its roles.
  const shared = (await home.run("sso", "login", "--sso-cache", "corp")).stderr;
  assert.match(shared, /to the agent "claude" by --sso-cache: aws_vault_agents = read-only/);
  assert.equal(await refusal("--sso-cache", "admin"), `${start} by --sso-cache: ${readOnly}`);
  home.configure("aws_vault_agents = confirm");
  assert.match(await refusal("--sso-cache", "admin"), /by --sso-cache: aws_vault_agents = confirm/);
  home.configure(`aws_vault_agents = read-only\naws_vault_policy = ${POLICY}`);
  assert.equal(
    await refusal("admin"),
    `${start} beside aws_vault_policy, since session policies add up: ${readOnly}`,
  );
  home.configure("aws_vault_agents = readonly");
  const counts = "which is none of allow, read-only, confirm, refuse, counts as refuse";
  assert.equal(
    await refusal("admin"),
    `${start}: aws_vault_agents = readonly (HOME/.aws/config:2), ${counts}`,
  );
  // The stricter wins, whichever it is.
  home.configure("aws_vault_agents = allow");
  home.env["AWS_VAULT_AGENTS"] = "refuse";
  assert.equal(await refusal("admin"), `${start}: AWS_VAULT_AGENTS=refuse`);
  home.configure("aws_vault_agents = refuse");
  home.env["AWS_VAULT_AGENTS"] = "allow";
  assert.match(await refusal("admin"), /aws_vault_agents = refuse \(/);
  assert.deepEqual(home.aws.takeCalls(), []);
});

Deno.test("CloudTrail sees the agent in the tag and the name of the role's session", async () => {
  await using home = await RailsHome.open();
  home.configure("aws_vault_agent_tags = true");
  home.env["AWS_VAULT_AGENT"] = "my agent";
  for (const profile of ["admin", "web"]) {
    const { stdout } = await home.succeed("export", "--format=json", profile);
    const session = home.aws.world.session(JSON.parse(stdout).AccessKeyId)!;
    assert.match(session.arn, /\/\d+-my-agent$/);
    const tags = profile === "admin" ? [["aws-vault-agent", "my-agent"]] : [];
    assert.deepEqual([...session.tags ?? []], tags);
  }
  // Another agent, and a person, have sessions of their own.
  home.aws.takeCalls();
  delete home.env["AWS_VAULT_AGENT"];
  await home.succeed("export", "admin");
  assert.match(home.aws.takeCalls().join(), /AssumeRole/);
});

Deno.test("a person says yes with y, and Enter alone is no", async () => {
  await using home = await RailsHome.open();
  home.configure("aws_vault_confirm = true");
  for (const [answer, exit] of [["", 1], ["n", 1], ["yes", 0], ["Y", 0]] as const) {
    const terminal = new ScriptedTerminal([answer]);
    const { code, stdout, stderr } = await home.leave(["export", "admin"], terminal);
    assert.equal(code, exit, stderr);
    assert.equal(stdout === "", exit === 1);
    const [question = "", why = ""] = terminal.shown;
    assert.match(
      question,
      /asks for credentials of profile "admin", role "admin", account 111122223333$/,
    );
    assert.match(why, /^\(aws_vault_confirm = true \(.*config:2\)\)$/);
    assert.equal(terminal.shown[2], "Give them? (y|N) ");
  }
  assert.equal(home.lastUse()["confirmed"], true);
  const { code } = await home.leave(
    ["export", "--no-prompt", "admin"],
    new ScriptedTerminal(["y"]),
  );
  assert.equal(code, 4);
});

Deno.test({
  ignore: Deno.build.os !== "linux",
  name:
    "a yes is remembered for as long as it says, and for the same program, profile and policies",
  async fn() {
    await using home = await RailsHome.open();
    home.configure("aws_vault_confirm = 15m");
    const asks = async (words: string[], parent = "aws") => {
      const terminal = new ScriptedTerminal(["y"]);
      const callers = () => [
        { name: parent, pid: 70, started: "7", leadsSession: false },
        { name: "bash", pid: 60, started: "6", leadsSession: true },
        { name: "terminal", pid: 50, started: "5", leadsSession: true },
      ];
      const { code, stderr } = await home.runOn(
        (host) => ({
          ...host,
          terminal,
          platform: { ...host.platform, callers },
          clock: {
            ...host.clock,
            now: () => host.clock.now().add({ milliseconds: home.movedMs }),
          },
        }),
        "export",
        ...words,
      );
      assert.equal(code, 0, stderr);
      return terminal.shown[0]?.split(" asks")[0];
    };
    assert.equal(await asks(["admin"]), "aws, started by bash");
    assert.equal(await asks(["admin"]), undefined);
    assert.equal(home.lastUse()["confirmed"], true);
    assert.equal(await asks(["admin"], "other"), "other, started by bash");
    assert.equal(await asks(["work"]), "aws, started by bash");
    assert.equal(await asks(["--read-only", "admin"]), "aws, started by bash");
    home.pass(15 * 60_000);
    assert.equal(await asks(["admin"]), "aws, started by bash");
  },
});

Deno.test("an agent is asked about in a window, and does not answer on its terminal", async () => {
  await using home = await RailsHome.open();
  home.configure("aws_vault_agents = confirm");
  home.env["CLAUDECODE"] = "1";
  home.env["DISPLAY"] = ":0";
  for (const [code, typed, exit] of [[0, "y\n", 0], [0, "\n", 1], [1, "", 1]] as const) {
    const terminal = new ScriptedTerminal([]);
    const windows: string[] = [];
    const finished = await home.runOn(
      (host) => ({
        ...host,
        terminal,
        programs: {
          ...host.programs,
          find: (name) => name === "zenity" ? "/usr/bin/zenity" : undefined,
          run: ({ command, args }) => {
            windows.push(`${command} ${args.at(-1)}`);
            return Promise.resolve({ code, stdout: new TextEncoder().encode(typed), stderr: "" });
          },
        },
      }),
      "export",
      "admin",
    );
    assert.deepEqual([finished.code, finished.stdout === ""], [exit, exit === 1], finished.stderr);
    assert.deepEqual(terminal.shown, []);
    assert.match(
      windows.join("|"),
      /^zenity .*\(agent "claude"\) asks for credentials of profile "admin", role "admin"[^|]*Type y/s,
    );
  }
});

Deno.test("the token of a CI system and a role without a profile are within the guard rails, too", async () => {
  await using home = await RailsHome.open();
  home.env["TOKEN"] = home.aws.webIdentityToken({ sub: "a" });
  const oidc = ["export", "--format=json", "--oidc", "env:TOKEN", "--role-arn"];
  oidc.push(`arn:aws:iam::${ACCOUNT}:role/job`);
  const narrowed = async (...flags: string[]) => {
    const { stdout } = await home.succeed(...oidc, ...flags);
    return home.aws.world.session(JSON.parse(stdout).AccessKeyId)!.policies?.arns;
  };
  const readOnly = ["arn:aws:iam::aws:policy/ReadOnlyAccess"];
  assert.deepEqual(await narrowed("--read-only"), readOnly);
  home.env["CLAUDECODE"] = "1";
  home.env["AWS_VAULT_AGENTS"] = "read-only";
  assert.deepEqual(await narrowed(), readOnly);
  const sso = ["sso", "export", "--account", ACCOUNT, "--role", "Admin", "corp"];
  for (
    const [word, says] of [
      ["read-only", /sso.GetRoleCredentials takes no session policy/],
      ["refuse", /AWS_VAULT_AGENTS=refuse/],
      ["confirm", /none can be asked/],
    ] as const
  ) {
    home.env["AWS_VAULT_AGENTS"] = word;
    const { code, stdout, stderr } = await home.run(...sso);
    assert.deepEqual([code, stdout], [word === "confirm" ? 4 : 1, ""], stderr);
    assert.match(stderr, says);
  }
  // The console, by the credentials that the environment has already.
  Object.assign(home.env, { AWS_ACCESS_KEY_ID: "ASIAX", AWS_SECRET_ACCESS_KEY: "x" });
  Object.assign(home.env, { AWS_SESSION_TOKEN: "x", AWS_VAULT_AGENTS: "read-only" });
  const { code, stderr } = await home.run("login", "--stdout");
  assert.equal(code, 1);
  assert.match(stderr, /Cannot narrow the credentials of the environment/);
});
