/** What a server gives is narrowed by the server's flags, and by the terms of each grant. */

import assert from "node:assert/strict";
import { type Home, NOT_ON_WINDOWS } from "../home.ts";
import { type Granted, openServeHome, type Serving, startServe } from "../process/serving.ts";
import { askContainer } from "./rails_home.ts";

const READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
});

/** What a grant's program gets, by what AWS gave it. */
async function given(home: Home, { uri, token }: Granted) {
  const response = await fetch(uri, { headers: { authorization: token } });
  const body = await response.json();
  if (response.status !== 200) return { id: body.Code, session: undefined, role: undefined };
  const session = home.aws.world.session(body.AccessKeyId);
  return { id: String(body.AccessKeyId), session, role: body.RoleArn };
}

async function policiesOf(home: Home, grant: Granted): Promise<readonly unknown[]> {
  const { session } = await given(home, grant);
  assert.ok(session !== undefined);
  const { arns = [], inline } = session.policies ?? {};
  return inline === undefined ? arns : [...arns, inline];
}

function uses(home: Home): Record<string, unknown>[] {
  const text = home.read("state/uses.jsonl") ?? "";
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "serve narrows all that it serves, and says whose role it is",
  async fn() {
    await using home = await openServeHome();
    const serving = await startServe(home, "--read-only", "--grant", "one=work,admin");
    const [one] = serving.started;
    const of = (profile: string) => ({ ...one!, uri: `${serving.url}/profile/${profile}` });
    const admin = await given(home, of("admin"));
    const work = await given(home, of("work"));
    assert.deepEqual([admin.role, work.role], [
      `arn:aws:iam::${home.aws.world.account}:role/admin`,
      undefined,
    ]);
    assert.deepEqual([admin, work].map(({ session }) => [session?.kind, session?.policies?.arns]), [
      ["role", [READ_ONLY]],
      ["federation", [READ_ONLY]],
    ]);
    const { stdout } = await home.succeed("grant", "--list", "--format", "json");
    assert.deepEqual(JSON.parse(stdout), [
      { name: "one", profiles: ["work", "admin"], expiration: null, policies: [READ_ONLY] },
    ]);
    // A grant asks for what the server has, or for nothing: another policy would add to it.
    assert.deepEqual(
      await policiesOf(home, await serving.grant("admin", "--read-only")),
      [READ_ONLY],
    );
    const { code, stderr } = await home.run("grant", "admin", "--policy", POLICY);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /Cannot narrow by --read-only of the server and by --policy of the grant/);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "two grants of one profile under other terms never get each other's credentials",
  async fn() {
    await using home = await openServeHome();
    const serving = await startServe(home, "admin");
    home.write("policy.json", POLICY);
    const file = `${home.path}/policy.json`;
    const words = {
      plain: [],
      readOnly: ["--read-only"],
      policy: ["--policy", file],
      both: ["--policy-arn", READ_ONLY, "--policy", file],
      chain: ["--deny-role-chaining"],
    };
    const grants = new Map<string, Granted>();
    for (const [name, flags] of Object.entries(words)) {
      grants.set(name, await serving.grant("admin", "--name", name, ...flags));
    }
    // The policy is the one of the moment when the grant was made.
    home.write("policy.json", POLICY.replace("s3:GetObject", "*"));
    const expected: Record<string, unknown[]> = {
      plain: [],
      readOnly: [READ_ONLY],
      policy: [POLICY],
      both: [READ_ONLY, POLICY],
    };
    for (let round = 0; round < 2; round++) {
      for (const [name, grant] of grants) {
        const policies = await policiesOf(home, grant);
        if (name !== "chain") assert.deepEqual(policies, expected[name], name);
        else assert.match(String(policies), /"Deny","Action":"sts:AssumeRole\*"/);
      }
    }
    const ids = [];
    for (const grant of grants.values()) ids.push((await given(home, grant)).id);
    assert.equal(new Set(ids).size, grants.size);
    // The same terms are the same credentials.
    const again = await given(home, await serving.grant("admin", "--name", "again", "--read-only"));
    assert.equal(again.id, ids[1]);
    await listsAndRecords(home, ids, expected);
  },
});

async function listsAndRecords(home: Home, ids: string[], expected: Record<string, unknown[]>) {
  const { stdout } = await home.succeed("grant", "--list", "--format", "json");
  const listed = JSON.parse(stdout) as { name: string; policies?: string[] }[];
  for (const [name, policies] of Object.entries(expected)) {
    const { policies: shown = [] } = listed.find((grant) => grant.name === name)!;
    assert.deepEqual(shown, policies);
  }
  const table = (await home.succeed("grant", "--list")).stdout;
  assert.match(table, /^plain +admin +\S+ +-$/m);
  assert.match(table, new RegExp(`^readOnly +admin +\\S+ +${READ_ONLY}$`, "m"));
  // Of each grant one line, however often it asks.
  const served = uses(home).filter(({ grant }) => grant !== undefined)
    .map(({ grant, accessKeyId, policies }) => ({ grant, accessKeyId, policies }));
  const { chain, ...others } = Object.groupBy(served, ({ grant }) => String(grant));
  assert.equal(chain?.length, 1);
  assert.deepEqual(others, {
    plain: [{ grant: "plain", accessKeyId: ids[0], policies: undefined }],
    readOnly: [{ grant: "readOnly", accessKeyId: ids[1], policies: [READ_ONLY] }],
    policy: [{ grant: "policy", accessKeyId: ids[2], policies: [POLICY] }],
    both: [{ grant: "both", accessKeyId: ids[3], policies: [READ_ONLY, POLICY] }],
    again: [{ grant: "again", accessKeyId: ids[1], policies: [READ_ONLY] }],
  });
  const found = (await home.succeed("log", "--key", ids[1]!)).stdout;
  assert.match(found, /serve \(grant readOnly\)[^]*serve \(grant again\)/);
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a grant that an agent makes is the agent's: what it gives keeps to its setting",
  async fn() {
    await using home = await openServeHome();
    const config = home.read(".aws/config")!;
    const serving = await startServe(home);
    const setting = (text: string) => home.write(".aws/config", `[default]\n${text}\n${config}`);
    home.env["AWS_VAULT_AGENT"] = "claude";
    for (const [word, exit] of [["refuse", 1], ["confirm", 4], ["readonly", 1]] as const) {
      setting(`aws_vault_agents = ${word}`);
      const { code, stdout, stderr } = await home.run("grant", "admin");
      assert.deepEqual([code, stdout], [exit, ""], stderr);
    }
    setting("aws_vault_agents = read-only");
    const { code, stderr } = await home.run("grant", "admin", "--policy", POLICY);
    assert.equal(code, 1);
    assert.match(stderr, /to the agent "claude" by --policy: aws_vault_agents = read-only/);
    const narrowed = await serving.grant("admin");
    assert.deepEqual(await policiesOf(home, narrowed), [READ_ONLY]);
    const { stdout } = await home.succeed("grant", "--list");
    assert.match(stdout, /ReadOnlyAccess \(agent claude\)$/m);
    const agents = uses(home).filter(({ grant }) => grant === "admin").map(({ agent }) => agent);
    assert.deepEqual(agents, ["claude"]);
    // A person's grant of the same server has all, and the agent's does not get it.
    delete home.env["AWS_VAULT_AGENT"];
    assert.deepEqual(await policiesOf(home, await serving.grant("admin")), []);
    assert.deepEqual(await policiesOf(home, narrowed), [READ_ONLY]);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name:
    "a setting that changes in the meantime gives no grant another's credentials, nor other ones",
  async fn() {
    await using home = await openServeHome();
    const config = home.read(".aws/config")!;
    const setting = (text: string) => home.write(".aws/config", `[default]\n${text}\n${config}`);
    const serving = await startServe(home, "--lazy", "--grant", "one=admin,work");
    const [one] = serving.started;
    const before = await serving.grant("admin", "--name", "before");
    setting(`aws_vault_policy_arns = ${READ_ONLY}`);
    const after = await serving.grant("admin", "--name", "after");
    assert.deepEqual(await policiesOf(home, after), [READ_ONLY]);
    // What it was made for, and not what is behind the same terms now.
    assert.deepEqual(await policiesOf(home, before), []);
    const { uri, token } = { ...one!, uri: `${serving.url}/profile/work` };
    const { code, message } = JSON.parse(await askContainer(uri, token));
    const { status } = await fetch(uri, { headers: { authorization: token } });
    assert.deepEqual([status, code, message], [
      503,
      "CredentialsUnavailable",
      'What narrows profile "work" has changed since the grant was made. ' +
      "Create a new grant: aws-vault grant work",
    ]);
    assert.deepEqual(await policiesOf(home, await serving.grant("work")), [READ_ONLY]);
    // The other way round: a grant that is narrowed stays so.
    setting("");
    const plain = await serving.grant("admin", "--name", "plain");
    assert.deepEqual(await policiesOf(home, plain), []);
    assert.deepEqual(await policiesOf(home, after), [READ_ONLY]);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a narrowed grant of what no call narrows is refused, and none is made",
  async fn() {
    await using home = await openServeHome();
    const { id: AccessKeyId, secret: SecretAccessKey } = home.aws.user("work").key;
    home.write("key.json", JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey }));
    const config = home.read(".aws/config")!;
    home.write(
      ".aws/config",
      `${config}[profile process]\ncredential_process = cat ${home.path}/key.json\n`,
    );
    const serving: Serving = await startServe(home);
    const { code, stdout, stderr } = await home.run("grant", "process", "--read-only");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /credential_process takes no session policy/);
    assert.deepEqual(
      JSON.parse((await home.succeed("grant", "--list", "--format=json")).stdout),
      [],
    );
    assert.equal((await given(home, await serving.grant("process"))).id, AccessKeyId);
  },
});
