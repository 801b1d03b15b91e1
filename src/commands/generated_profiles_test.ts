import assert from "node:assert/strict";
import { openConfig } from "../config/profile.ts";
import { populateBlock } from "../config/populate.ts";
import { planProfiles } from "./generated_profiles.ts";

const assignment = (accountId: string, accountName: string, ...roles: string[]) => ({
  accountId,
  accountName,
  emailAddress: "a@example.com",
  roles,
});

const names = (request: Partial<Parameters<typeof planProfiles>[0]>) =>
  planProfiles({ session: "corp", assignments: [], filters: [], ...request })
    .map(({ name }) => name);

Deno.test("planProfiles() names profiles by account and role, and by number where names are the same", () => {
  const assignments = [
    assignment("111111111111", "Main", "Admin", "Read"),
    assignment("222222222222", "Main", "Admin"),
    assignment("333333333333", "", "Read"),
  ];
  assert.deepEqual(names({ assignments }), [
    "333333333333-Read",
    "Main-Admin-111111111111",
    "Main-Admin-222222222222",
    "Main-Read",
  ]);
  assert.deepEqual(names({ assignments, template: "{session}/{account_id}.{role}" }), [
    "corp/111111111111.Admin",
    "corp/111111111111.Read",
    "corp/222222222222.Admin",
    "corp/333333333333.Read",
  ]);
});

Deno.test("planProfiles() filters by name or number of the account, and by role", () => {
  const assignments = [
    assignment("111111111111", "Prod", "Admin", "Read"),
    assignment("222222222222", "Dev", "Admin"),
  ];
  assert.deepEqual(names({ assignments, filters: ["prod/*"] }), ["Prod-Admin", "Prod-Read"]);
  assert.deepEqual(names({ assignments, filters: ["222222222222/*", "*/read"] }), [
    "Dev-Admin",
    "Prod-Read",
  ]);
  assert.deepEqual(names({ assignments, filters: ["*prod*"] }), ["Prod-Admin", "Prod-Read"]);
  for (const filter of ["prod", "", "["]) {
    const filters = ["prod/*", filter];
    const message = `Cannot use --filter ${JSON.stringify(filter)}: it is not ACCOUNT/ROLE`;
    assert.throws(() => names({ assignments, filters }), { code: "bad-usage", message });
  }
});

Deno.test("the name of an account adds neither a section nor a setting to the config file", () => {
  const hostile = [
    "x]\n[default]\nregion = evil",
    'a" b\\',
    "# comment",
    "; [profile other]",
    "\u001b[2J\u202e",
    "$(touch /tmp/x)",
    "-rf",
    "]",
  ];
  const assignments = hostile.map((name, at) =>
    assignment(String(111111111111 + at), name, "Admin")
  );
  const profiles = planProfiles({ session: "corp", assignments, filters: [] });
  const { text } = populateBlock("", "/config", { session: "corp", profiles, prunes: false });
  const config = openConfig(text, "/config");
  assert.deepEqual(config.sections().length, hostile.length);
  for (const name of config.profileNames()) {
    assert.match(name, /^[\p{L}\p{N}_.@+/][\p{L}\p{N}_.@+/-]*$/u);
    assert.deepEqual([...config.profile(name)!.settings.keys()], [
      "sso_session",
      "sso_account_id",
      "sso_role_name",
    ]);
  }
});
