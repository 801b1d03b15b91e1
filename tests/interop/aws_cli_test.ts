/** The AWS CLI, version 1 and 2, with the examples of README.md and USAGE.md. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { denoDir } from "../process/deno_dir.ts";
import { launcher } from "../process/launch.ts";
import { requireService } from "../services.ts";

/** Every `aws` of `PATH` by its major version; the first of each. */
function findClis(): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const version = versionOf(`${folder}/aws`);
    if (version !== undefined && !found.has(version)) found.set(version, `${folder}/aws`);
  }
  return found;
}

function versionOf(path: string): string | undefined {
  try {
    const { stdout, stderr } = new Deno.Command(path, { args: ["--version"] }).outputSync();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return /^aws-cli\/(\d+)\./m.exec(said)?.[1];
  } catch {
    return undefined;
  }
}

const CLIS = Deno.build.os === "windows" ? new Map<string, string>() : findClis();
const INSTALLS = { "1": "pip install awscli", "2": "Debian: apt-get install awscli" };

/** The `ini` example of a document that holds the text. */
function exampleWith(document: string, text: string): string {
  const path = new URL(`../../${document}`, import.meta.url);
  const blocks = Deno.readTextFileSync(path).matchAll(/^```(?:ini|text)\n(.*?)^```$/gms);
  const block = [...blocks].map(([, block]) => block!).find((block) => block.includes(text));
  return block ?? assert.fail(`${document} has no example with ${text}`);
}

const CONFIG = `[default]
region = eu-west-1

[profile work]
mfa_serial = arn:aws:iam::111122223333:mfa/work

[profile admin]
source_profile = work
role_arn = arn:aws:iam::111122223333:role/admin
mfa_serial = arn:aws:iam::111122223333:mfa/work

`;

/** A home with the config of the examples, in which the role's session is cached. */
async function openHome(document: string): Promise<Home> {
  const home = await Home.open({
    users: [{ name: "work", mfa: [{ codes: "any" }] }],
    roles: [{ name: "admin", mfa: true }],
    stsRegions: "any",
  });
  home.write(".aws/config", CONFIG + exampleWith(document, "[profile admin-sdk]"));
  home.write("bin/aws-vault", launcher(), 0o755);
  await home.as("work").succeed("add", "--env", "work");
  await home.succeed("export", "--mfa-token=123456", "admin");
  home.aws.takeCalls();
  for (const name of Object.keys(home.env)) {
    if (/^AWS_(ACCESS|SECRET|REGION)/.test(name)) delete home.env[name];
  }
  const path = `${home.path}/bin:${Deno.env.get("PATH")}`;
  Object.assign(home.env, denoDir(), { PATH: path, AWS_PAGER: "" });
  return home;
}

async function run(home: Home, ...[command, ...args]: [string, ...string[]]): Promise<string> {
  const options = { args, env: home.env, clearEnv: true };
  const { stdout, stderr } = await new Deno.Command(command, options).output();
  const text = new TextDecoder().decode(stdout);
  return text === "" ? new TextDecoder().decode(stderr) : text;
}

for (const [version, install] of Object.entries(INSTALLS)) {
  const cli = CLIS.get(version);
  const service = requireService(`the AWS CLI ${version}`, cli !== undefined, install);
  for (const document of ["README.md", "USAGE.md"]) {
    Deno.test({
      name: `the admin-sdk example of ${document} works with the AWS CLI ${version}`,
      ...service,
      async fn() {
        await using home = await openHome(document);
        const words = ["sts", "get-caller-identity", "--endpoint-url", home.aws.url] as const;
        const said = await run(home, cli!, "--profile", "admin-sdk", ...words);
        assert.match(JSON.parse(said).Arn, /^arn:aws:sts::111122223333:assumed-role\/admin\//);
        assert.deepEqual(home.aws.takeCalls(), ["GetCallerIdentity by role/admin"]);
        const within = await run(home, "aws-vault", "exec", "admin", "--", cli!, ...words);
        assert.equal(JSON.parse(within).Arn, JSON.parse(said).Arn);
      },
    });
  }
}
