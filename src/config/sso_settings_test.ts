import assert from "node:assert/strict";
import { VaultError } from "../errors.ts";
import { openConfig } from "./config_file.ts";
import { settingsOf } from "./inherit.ts";
import { resolveSso } from "./sso_settings.ts";

const SESSION = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n" +
  "sso_region = eu-west-1\n";

/** What profile `a` says, or the message about what is wrong with it. */
function resolve(text: string) {
  const config = openConfig(text, "/config");
  const sso = resolveSso(config, settingsOf(config, "a"));
  return sso instanceof VaultError ? sso.message : sso;
}

Deno.test("resolveSso() reads a session and what an older profile says by itself", () => {
  const role = "sso_account_id = 012345678901\nsso_role_name = Admin\n";
  assert.deepEqual(resolve(`[profile a]\nsso_session = corp\n${role}${SESSION}`), {
    session: {
      name: "corp",
      startUrl: "https://corp.awsapps.com/start",
      region: "eu-west-1",
      scopes: [],
    },
    accountId: "012345678901",
    roleName: "Admin",
    sharesCache: false,
  });
  const own = "sso_start_url = https://corp.awsapps.com/start#/\nsso_region = us-gov-west-1\n";
  assert.deepEqual(resolve(`[profile a]\n${own}`), {
    session: {
      startUrl: "https://corp.awsapps.com/start#/",
      region: "us-gov-west-1",
      scopes: [],
    },
    sharesCache: false,
  });
  assert.equal(resolve("[profile a]\nregion = us-east-1\n"), undefined);
});

Deno.test("resolveSso() names both lines of a conflict, and takes a copy that is the same", () => {
  const profile = "[profile a]\nsso_session = corp\n";
  for (const [own, theirs] of [["sso_start_url", 5], ["sso_region", 6]] as const) {
    const value = own === "sso_region" ? "us-east-1" : "https://other.awsapps.com/start";
    const session = own === "sso_region" ? "eu-west-1" : "https://corp.awsapps.com/start";
    assert.equal(
      resolve(`${profile}${own} = ${value}\n${SESSION}`),
      `Cannot read /config:3: ${own} is "${value}" here and "${session}" in [sso-session corp] ` +
        `(/config:${theirs})`,
    );
    const same = resolve(`${profile}${own} = ${session}\n${SESSION}`);
    assert.equal(typeof same, "object", String(same));
  }
});

const BAD: readonly (readonly [settings: string, message: string])[] = [
  ["sso_session = other", "2: there is no section [sso-session other]"],
  ["sso_start_url = corp\nsso_region = us-east-1", 'sso_start_url: "corp" is not the https'],
  ["sso_start_url = http://x.example\nsso_region = us-east-1", "is not the https address"],
  ["sso_start_url = https://aws@x.example\nsso_region = us-east-1", "is not the https address"],
  ["sso_start_url = file:///etc/passwd\nsso_region = us-east-1", "is not the https address"],
  ["sso_start_url = https://x.awsapps.com/start", "there is no sso_region"],
  ["sso_start_url = https://x.example\nsso_region = us-east", '"us-east" is not a region'],
  ["sso_start_url = https://x.example\nsso_region = a.example/", "is not a region"],
  ["sso_session = corp\nsso_account_id = 12", 'sso_account_id: "12" is not an account'],
  ["sso_session = corp\nsso_role_name = a/b", 'sso_role_name: "a/b" is not the name of a role'],
  ["sso_session = bare", "[sso-session bare] has no sso_start_url"],
  ["sso_session = corp\naws_vault_sso_cache = maybe", 'is neither "true" nor "false"'],
];

for (const [settings, message] of BAD) {
  Deno.test(`resolveSso() refuses ${settings.replaceAll("\n", ", ")}`, () => {
    const found = resolve(`[profile a]\n${settings}\n${SESSION}[sso-session bare]\n`);
    assert(typeof found === "string" && found.includes(message), JSON.stringify(found));
  });
}
