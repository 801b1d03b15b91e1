/** Guard rails in the particular: agents, questions, and ways that the table of `tests/rails` does not have. */

import assert from "node:assert/strict";
import { resolveEndpoint } from "../../src/aws/endpoint.ts";
import { createAccessKey, listAccessKeys } from "../../src/aws/iam.ts";
import { assumeRole } from "../../src/aws/sts.ts";
import { Secret } from "../../src/secret.ts";
import { systemHost } from "../../src/system/host.ts";
import { TalkRecorder } from "../fakes/memory_host.ts";
import { ScriptedTerminal } from "../fakes/scripted_terminal.ts";
import { NOT_ON_WINDOWS } from "../home.ts";
import { ACCOUNT } from "./profiles.ts";
import { RailsHome } from "./rails_home.ts";

const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
});

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

/** Which of three calls AWS lets the credentials make that an export printed: a write, a reading, a further role. */
async function allowedCalls(home: RailsHome, printed: string): Promise<string[]> {
  const { AccessKeyId: accessKeyId, SecretAccessKey, SessionToken } = JSON.parse(printed);
  const credentials = {
    accessKeyId,
    secretAccessKey: new Secret(SecretAccessKey),
    sessionToken: new Secret(SessionToken),
  };
  const deps = { ...systemHost(), talk: new TalkRecorder() };
  const at = (service: "iam" | "sts") => ({
    endpoint: resolveEndpoint(service, { region: "us-east-1", endpointUrl: home.aws.url }),
    credentials,
  });
  const role = { roleArn: `arn:aws:iam::${ACCOUNT}:role/admin`, roleSessionName: "further" };
  const calls = {
    write: () => createAccessKey(deps, at("iam"), "ann"),
    read: () => listAccessKeys(deps, at("iam"), "ann"),
    role: () => assumeRole(deps, at("sts"), { ...role, durationSeconds: 900 }),
  };
  const allowed: string[] = [];
  for (const [name, call] of Object.entries(calls)) {
    try {
      await call();
      allowed.push(name);
    } catch (error) {
      assert.match(String(error), /AccessDenied.*because no session policy allows/, name);
    }
  }
  return allowed;
}

Deno.test("AWS refuses what the policy does not allow: read-only credentials write nothing", async () => {
  await using home = await RailsHome.open();
  const allowed = async (...flags: string[]) =>
    await allowedCalls(
      home,
      (await home.succeed("export", "--format=json", ...flags, "admin")).stdout,
    );
  assert.deepEqual(await allowed(), ["write", "read", "role"]);
  assert.equal(home.aws.user("ann").keys.length, 2);
  assert.deepEqual(await allowed("--read-only"), ["read"]);
  assert.deepEqual(await allowed("--policy", POLICY), []);
  assert.deepEqual(await allowed("--deny-role-chaining", "--read-only"), ["read"]);
  home.env["CLAUDECODE"] = "1";
  home.configure("aws_vault_agents = read-only");
  assert.deepEqual(await allowed(), ["read"]);
  assert.equal(home.aws.user("ann").keys.length, 2);
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
  assert.match(shared, /for the agent "claude": aws_vault_agents = read-only/);
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
  delete home.env["AWS_VAULT_AGENTS"];
  assert.equal((await home.leave(["login", "--stdout"])).code, 5);
  const { profile, accessKeyId, how, by, agent } = home.lastUse();
  assert.deepEqual(
    [profile, accessKeyId, how, by, agent],
    ["default", "ASIAX", "environment", "login", "claude"],
  );
});
