/** A login that is shared gives all of its roles to every program: an agent that gets less never leaves one. */

import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { ConsoleSignIn, SIGN_IN_HOST } from "../servers/console_sign_in.ts";
import { CONFIG, SsoHome } from "../sso/sso_home.ts";

const FOLDER = ".aws/sso/cache";

/** Another profile of the same login, with settings of its own. */
const mate = (settings: string) =>
  `[profile mate]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Other\n${settings}\n` +
  `[profile chained]\nsource_profile = dev\nrole_arn = arn:aws:iam::111122223333:role/admin\n`;

async function openHome(settings: string, ofMate = ""): Promise<SsoHome> {
  const home = await SsoHome.with({}, `[default]\n${settings}\n${CONFIG}${mate(ofMate)}`);
  home.env["AWS_VAULT_AGENT"] = "robot";
  return home;
}

/** The files that share a login. */
function shared(home: SsoHome): string[] {
  try {
    return [...Deno.readDirSync(`${home.path}/${FOLDER}`)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

const SHARING = "aws_vault_sso_cache = true";
const DEVICE = ["--sso-device-code"];
/** Every command that may sign in. */
const SIGNING_IN: readonly (readonly string[])[] = [
  ["export", ...DEVICE, "dev"],
  ["export", ...DEVICE, "chained"],
  ["whoami", ...DEVICE, "dev"],
  ["exec", ...DEVICE, "dev", "--", "true"],
  ["login", ...DEVICE, "--stdout", "dev"],
  ["sso", "login", ...DEVICE, "corp"],
  ["sso", "login", ...DEVICE, "dev"],
  ["sso", "list", ...DEVICE, "corp"],
  ["sso", "populate", ...DEVICE, "--diff", "corp"],
];

/** Runs a command whose child is not started, and says whether it would have been. */
async function runQuietly(home: SsoHome, words: readonly string[]) {
  let ran = false;
  await using signIn = new ConsoleSignIn(home.aws.world);
  const attend = () => Promise.resolve(+!(ran = true));
  const finished = await home.runOn((host) => ({
    ...host,
    clock: { ...host.clock, sleep: (ms) => Promise.resolve(home.pass(ms)) },
    programs: { ...host.programs, replace: () => Promise.resolve(false as const), attend },
    http: {
      send: (request) =>
        host.http.send({ ...request, url: request.url.replace(SIGN_IN_HOST, signIn.url) }),
    },
  }), ...words);
  return { ...finished, ran };
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a limited agent's login is not written where the AWS CLI finds it, by no command",
  async fn() {
    for (
      const [settings, ofMate] of [
        [`${SHARING}\naws_vault_agents = confirm`, "aws_vault_agents = allow"],
        [`${SHARING}\naws_vault_agents = read-only`, ""],
        // It gives the other profile's role as well.
        [SHARING, "aws_vault_agents = read-only"],
        [SHARING, "aws_vault_agents = refuse"],
      ] as const
    ) {
      for (const words of SIGNING_IN) {
        await using home = await openHome(settings, ofMate);
        await runQuietly(home, words);
        assert.deepEqual(shared(home), [], `${settings}|${ofMate}: ${words.join(" ")}`);
      }
    }
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a person's login is shared as before, and so is that of an agent that gets all",
  async fn() {
    for (const [agent, setting] of [["", "read-only"], ["robot", "allow"]] as const) {
      await using home = await openHome(`${SHARING}\naws_vault_agents = ${setting}`);
      home.env["AWS_VAULT_AGENT"] = agent;
      await home.succeed("sso", "login", ...DEVICE, "corp");
      assert.equal(shared(home).length > 0, true);
      // A limited agent ends it, files and all, and begins none.
      Object.assign(home.env, { AWS_VAULT_AGENT: "robot", AWS_VAULT_AGENTS: "read-only" });
      await home.succeed("sso", "logout", "corp");
      const before = shared(home);
      await home.succeed("sso", "login", ...DEVICE, "corp");
      assert.deepEqual(shared(home), before);
    }
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "the flags that share a login are refused to an agent that any profile of it limits",
  async fn() {
    await using home = await openHome("", "aws_vault_agents = read-only");
    for (
      const words of [
        ["export", "--sso-cache", ...DEVICE, "dev"],
        ["sso", "login", "--sso-cache", ...DEVICE, "corp"],
        ["exec", "--profile-env", ...DEVICE, "dev", "--", "touch", `${home.path}/ran`],
      ]
    ) {
      const { code, stdout, stderr } = await home.run(...words);
      assert.deepEqual([code, stdout], [1, ""], stderr);
      assert.match(
        stderr,
        /Cannot share the login of "\w+" with the AWS CLI for the agent "robot": aws_vault_agents = read-only \(.*config:\d+\)/,
      );
    }
    assert.deepEqual([shared(home), home.read("ran")], [[], undefined]);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "exec --profile-env asks a person before a login is shared, and an agent gets none",
  async fn() {
    for (
      const [agent, settings, code, says] of [
        ["", "aws_vault_confirm = true", 4, /none can be asked/],
        ["robot", "aws_vault_confirm = true", 4, /none can be asked/],
        ["robot", "aws_vault_agents = confirm", 1, /by --sso-cache: aws_vault_agents = confirm/],
        ["robot", "aws_vault_agents = refuse", 1, /"robot": aws_vault_agents = refuse/],
        ["robot", "aws_vault_agents = read-only", 1, /takes no session policy|read-only/],
        ["", "aws_vault_agents = refuse", 0, /^/],
      ] as const
    ) {
      await using home = await openHome(settings);
      home.env["AWS_VAULT_AGENT"] = agent;
      // One that was kept before is shared by it, too.
      await home.succeed("sso", "login", ...DEVICE, "corp");
      assert.deepEqual(shared(home), []);
      const words = ["exec", "--profile-env", "dev", "--", "true"];
      const { ran, ...finished } = await runQuietly(home, words);
      const story = `${agent} ${settings}: ${finished.stderr}`;
      assert.equal(finished.code, code, story);
      assert.match(finished.stderr, says, story);
      assert.equal(ran, code === 0, story);
      assert.equal(shared(home).length > 0, code === 0, story);
    }
  },
});
