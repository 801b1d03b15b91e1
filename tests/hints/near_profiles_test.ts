/** Every command that names a profile which does not exist proposes the one that is a slip away. */

import assert from "node:assert/strict";
import { Home, NOT_ON_WINDOWS } from "../home.ts";

const CONFIG = `[profile working]
mfa_serial = arn:aws:iam::111122223333:mfa/working
[sso-session company]
sso_start_url = https://company.awsapps.com/start
sso_region = us-east-1
`;

/** Each with the name that is proposed. */
const ROWS: readonly (readonly [line: string, meant: string])[] = [
  ["exec workign -- true", "working"],
  ["export workign", "working"],
  ["explain workign", "working"],
  ["whoami workign", "working"],
  ["rotate workign", "working"],
  ["remove workign", "working"],
  ["remove --sessions-only workign", "working"],
  ["restore replcaed", "replaced"],
  ["clear workign", "working"],
  ["migrate-backend --from=file --to=keyctl --profile=workign", "working"],
  ["sso login comapny", "company"],
  ["sso login workign", "working"],
  ["sso logout comapny", "company"],
  ["sso list comapny", "company"],
  ["sso populate comapny", "company"],
  ["mfa enroll --store workign", "working"],
  ["mfa resync workign", "working"],
  ["mfa forget workign", "working"],
];

/** The file of a replaced key has a colon in its name. */
Deno.test("a profile that is misspelt is proposed by every command", NOT_ON_WINDOWS, async () => {
  await using home = await Home.open({ users: [{ name: "working" }] });
  home.write(".aws/config", CONFIG);
  await home.as("working").succeed("add", "--env", "working");
  const keys = `${home.path}/.awsvault/keys`;
  Deno.copyFileSync(`${keys}/working`, `${keys}/aws-vault-replaced:${Date.now()}:replaced`);
  for (const [line, meant] of ROWS) {
    const { code, stderr } = await home.run(...line.split(" "));
    assert.equal(code, 3, `${line}: ${stderr}`);
    assert(stderr.split("\n").includes(`hint: Did you mean "${meant}"?`), `${line}: ${stderr}`);
  }
});
