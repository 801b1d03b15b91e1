/** `doctor` finds nothing where nothing is wrong, and changes nothing. */

import assert from "node:assert/strict";
import { Home, NOT_ON_WINDOWS } from "../home.ts";
import { addHealth, findingsOf } from "./healthy_home.ts";

const ROLE = "arn:aws:iam::111122223333:role/deploy";
const MFA = "arn:aws:iam::111122223333:mfa/work";

interface Healthy {
  readonly what: string;
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

const HOMES: readonly Healthy[] = [
  { what: "a key and a session" },
  {
    what: "roles with MFA, one from the other",
    config: `[profile base]\nsource_profile = work\nmfa_serial = ${MFA}\n` +
      `[profile one]\nsource_profile = base\nrole_arn = ${ROLE}\nmfa_serial = ${MFA}\n` +
      `duration_seconds = 43200\n` +
      `[profile two]\nsource_profile = one\nrole_arn = ${ROLE}\nmfa_serial = ${MFA}\n` +
      "duration_seconds = 3600",
  },
  {
    what: "administrators' roles, each behind one guard rail",
    config: [
      `mfa_serial = ${MFA}`,
      "aws_vault_confirm = 15m",
      "aws_vault_agents = read-only",
      "aws_vault_agents = confirm",
      "aws_vault_agents = refuse",
      "aws_vault_policy_arns = arn:aws:iam::aws:policy/ReadOnlyAccess",
    ].map((line, i) =>
      `[profile p${i}]\nrole_arn = ${ROLE.replace("deploy", "Admin")}\n` +
      `source_profile = work\n${line}\n`
    ).join(""),
  },
  {
    what: "settings that are inherited",
    config: "[profile base]\noutput = json\n[profile p]\ninclude_profile = base\n" +
      `source_profile = work\nrole_arn = ${ROLE}\nexternal_id = x\nrole_session_name = me`,
  },
  {
    what: "a program that gives credentials",
    config: "[profile p]\ncredential_process = sh -c 'echo {}'\n" +
      "[profile q]\nmfa_process = sh -c 'echo 123456'\naws_vault_no_session = true",
  },
  {
    what: "a token file",
    config: `[profile p]\nrole_arn = ${ROLE}\nweb_identity_token_file = /dev/null`,
  },
  {
    what: "sections and settings of other tools",
    config: "[plugins]\nendpoint = awscli_plugin_endpoint\n[profile p]\n" +
      "azure_tenant_id = x\ngoogle_config.ask_role = true\ngranted_sso_account_id = 1\n" +
      "x_principal_arn = y\ncli_pager =\ns3 =\n  addressing_style = path\nretry_mode = standard\n" +
      "[services mine]\ns3 =\n  endpoint_url = http://localhost:1\n",
  },
  {
    what: "a hardware device, and every kind of region",
    config: "[profile a]\nmfa_serial = GAHT12345678\n[profile b]\nregion = us-gov-west-1\n" +
      "[profile c]\nregion = cn-north-1\n[profile d]\nregion = aws-global",
  },
  {
    what: "a shell that completes",
    env: { SHELL: "/bin/bash" },
    files: { ".bashrc": 'eval "$(aws-vault completion bash)"\n' },
  },
  {
    what: "temporary credentials of another tool",
    files: {
      ".aws/credentials": "[other]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\n" +
        "aws_secret_access_key = x\naws_session_token = y\n",
    },
  },
  {
    what: "inside exec, with variables of this program and of AWS",
    env: {
      AWS_VAULT: "work",
      AWS_PROFILE: "work",
      AWS_ACCESS_KEY_ID: "ASIAIOSFODNN7EXAMPLE",
      AWS_VAULT_PROMPT: "terminal",
      AWS_VAULT_KEY_MAX_AGE: "0",
      NO_PROXY: "*",
      HTTPS_PROXY: "http://me:secret@proxy.example.com:3128",
    },
  },
];

for (const { what, config, env, files } of HOMES) {
  Deno.test({
    name: `doctor finds nothing: ${what}`,
    ...NOT_ON_WINDOWS,
    async fn() {
      await using home = await Home.open();
      await addHealth(home);
      home.write(".aws/config", `${home.read(".aws/config")}\n${config ?? ""}\n`);
      for (const [path, text] of Object.entries(files ?? {})) home.write(path, text);
      Object.assign(home.env, env);
      const before = snapshot(home.path);
      assert.deepEqual(await findingsOf(home), { code: 0, found: [] });
      assert.deepEqual(await findingsOf(home, "--fix"), { code: 0, found: [] });
      assert.deepEqual(snapshot(home.path), before);
    },
  });
}

Deno.test("doctor finds nothing in an empty home", async () => {
  await using home = await Home.open();
  const { code, found } = await findingsOf(home, "--offline");
  assert.deepEqual({ code, found }, { code: 0, found: [] });
});

/** Every file below a folder with its text and mode; the check of the keystore comes and goes. */
function snapshot(folder: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) Object.assign(found, snapshot(path));
    else found[path] = [Deno.statSync(path).mode, new Uint8Array(Deno.readFileSync(path)).toHex()];
  }
  return found;
}
