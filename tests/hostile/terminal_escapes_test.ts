/** Attacks by text that others wrote: it would act on the terminal, or look like lines of ours. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { defineBackend } from "../../src/backend.ts";
import { VaultError } from "../../src/errors.ts";
import { openKeyring as openKeyctl } from "../contract/keyctl_opener.ts";
import { openKeyring } from "../contract/row_opener.ts";
import { MemoryKeyring } from "../fakes/memory_keyring.ts";
import { type Finished, Home, NOT_ON_WINDOWS } from "../home.ts";
import { programWords } from "../process/launch.ts";
import { NEEDS_TERMINAL, play } from "../process/terminal_driver.ts";
import {
  type BackendUnderTest,
  everyBackend,
  type RunningStore,
  uniqueProfile,
} from "../services/every_backend.ts";

/** Clears the screen, links, colours by a C1 control, reorders, hides, goes back to the line's start. */
const ACTS = "\u001b[2J\u001b]8;;http://evil.example\u001b\\up\u001b]8;;\u0007\u009b31m" +
  "\u202egnp.\u2066\u200f\u200b\u{e0041}\rsafe";
/** What can stand in a line of a config file, for which a carriage return is an end. */
const LINE = ACTS.replaceAll("\r", "");
/** What can stand in the name of a section. */
const NAME = LINE.replace(/[\]\\]/g, "");
/** The same, with lines that look like the program's. */
const FORGES = `${ACTS}\nerror: forged\nhint: forged\u2028`;

/** Everything that acts on a terminal or cannot be seen, but the ends of our own lines. */
const ACTING = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u;

/** Asserts that a command ended so, mentions what others wrote, and is harmless on a terminal. */
function assertHarmless({ code, stdout, stderr }: Finished, expectedCode: number, what: string) {
  const said = stdout + stderr;
  assert.doesNotMatch(said, ACTING, what);
  assert.doesNotMatch(said, /^(error: |hint: )?forged/m, what);
  assert.match(said, /\\u(001b\[2J|009b31m)/, `${what}: ${said}`);
  assert.doesNotMatch(said, /bug in aws-vault/, what);
  assert.equal(code, expectedCode, `${what}: ${said}`);
}

/** Everything that this process sets, and what a command in it has to show harmlessly. */
interface Attack {
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  readonly code: number;
}

const CONFIG = "[profile work]\nregion = us-east-1\n";
const DEVICE =
  "[profile device]\nsource_profile = key\nrole_arn = arn:aws:iam::1:role/x\nmfa_serial = m\n";
const role = (setting: string) => `[profile work]\nrole_arn = arn:aws:iam::1:role/x\n${setting}\n`;

const ATTACKS: Readonly<Record<string, Attack>> = {
  "an unknown command": { words: [FORGES], code: 2 },
  "an unknown flag": { words: ["list", `--${FORGES}`], code: 2 },
  "the value of a choice": { words: ["export", "--format", FORGES, "work"], code: 2 },
  "too many arguments": { words: ["explain", "work", FORGES, FORGES], code: 2 },
  "a duration": { words: ["export", "-d", FORGES, "work"], code: 2 },
  "a back end": { words: ["list", `--backend=${FORGES}`], code: 2 },
  "a driver of prompts": {
    words: ["export", "--prompt", FORGES, "device"],
    config: DEVICE,
    code: 2,
  },
  "an unknown profile": { words: ["explain", FORGES], code: 3 },
  "the profile of AWS_PROFILE": { words: ["export"], env: { AWS_PROFILE: FORGES }, code: 3 },
  "a profile to remove": { words: ["remove", FORGES], code: 3 },
  "a shell to complete": { words: ["completion", FORGES], code: 2 },
  "the name of a section": { words: ["list"], config: `[profile ${NAME}]\n`, code: 0 },
  "the name of a section, alone": {
    words: ["list", "--profiles"],
    config: `[profile ${NAME}]\n`,
    code: 0,
  },
  "the name of a section, as JSON": {
    words: ["list", "--json"],
    config: `[profile ${NAME}]\n`,
    code: 0,
  },
  "the name of a config file": {
    words: ["explain", "work"],
    env: { AWS_CONFIG_FILE: `{home}/${FORGES}` },
    files: { [FORGES]: "[profile work\n" },
    code: 1,
  },
  "a source profile": {
    words: ["explain", "work"],
    config: role(`source_profile = ${LINE}`),
    code: 3,
  },
  "a circle of profiles": {
    words: ["explain", "work"],
    config: `[profile work]\nrole_arn = a\nsource_profile = ${NAME}\n` +
      `[profile ${NAME}]\nrole_arn = a\nsource_profile = work\n`,
    code: 1,
  },
  "a setting's value": {
    words: ["explain", "work"],
    config: role(`duration_seconds = ${LINE}`),
    code: 1,
  },
  "an endpoint": {
    words: ["export", "key"],
    env: { AWS_ENDPOINT_URL: `http://${FORGES}` },
    code: 2,
  },
  "a role and its device": {
    words: ["explain", "key"],
    config: `[profile key]\nrole_arn = arn:aws:iam::1:role/${LINE}\nsource_profile = work\n` +
      `mfa_serial = ${LINE}\n`,
    code: 0,
  },
  "a role that is not an ARN": {
    words: ["explain", "key"],
    config: `[profile key]\nrole_arn = ${LINE}\nsource_profile = work\n`,
    code: 1,
  },
  "a web identity token's file": {
    words: ["export", "work2"],
    config: `[profile work2]\nrole_arn = arn:aws:iam::1:role/${LINE}\n` +
      `web_identity_token_file = /nowhere/${LINE}\n`,
    code: 1,
  },
  "a helper's command": {
    words: ["export", "work2"],
    // What a shell would read is taken out: of a line for the shell no word is shown.
    config: `[profile work2]\ncredential_process = x${LINE.replace(/[\\[\];]/g, "")}\n`,
    code: 1,
  },
  "a bundle of certificates": {
    words: ["export", "--no-session", "--no-cache", "work2"],
    config: role("source_profile = key").replace("work", "work2") + "[profile key]\n",
    env: { AWS_CA_BUNDLE: `/nowhere/${FORGES}` },
    code: 1,
  },
  "the folder of keys": {
    words: ["add", "--env", "--no-add-config", "other"],
    env: { AWS_VAULT_FILE_DIR: `/dev/null/${FORGES}` },
    code: 1,
  },
  "a file to import": { words: ["import", `--from=/nowhere/${FORGES}`], code: 1 },
  "a section to import": {
    words: ["import", "--from={home}/keys"],
    files: { keys: `[${LINE}]\naws_access_key_id = AKIA\n` },
    code: 1,
  },
  "the state folder": {
    words: ["export", "key"],
    env: { AWS_VAULT_STATE_DIR: `/dev/null/${FORGES}` },
    code: 0,
  },
};

for (const [what, attack] of Object.entries(ATTACKS)) {
  Deno.test(`what others wrote is shown and not done: ${what}`, NOT_ON_WINDOWS, async () => {
    await using home = await Home.open();
    await home.as("work").succeed("add", "--env", "--no-add-config", "key");
    home.write(".aws/config", attack.config ?? CONFIG);
    for (const [path, text] of Object.entries(attack.files ?? {})) home.write(path, text);
    const filled = (text: string) => text.replace("{home}", home.path);
    for (const [name, value] of Object.entries(attack.env ?? {})) home.env[name] = filled(value);
    const words = attack.words.map(filled);
    assertHarmless(await home.run(...words, "--debug"), attack.code, what);
  });
}

for (const backend of everyBackend()) {
  Deno.test({
    name: `names of items are shown and not done: ${backend.name}`,
    ignore: backend.ignore || Deno.build.os === "windows",
    fn: () => attackByItems(backend),
  });
}

/** Items that another program has put into the store. */
async function attackByItems(backend: BackendUnderTest): Promise<void> {
  await using home = await Home.open();
  await using store = await backend.start();
  const names = [ACTS, FORGES].map((name) => `${uniqueProfile()} ${name}`);
  await using _ = await plant(home, store, backend.name, [
    ...names,
    ...names.map((name) => `aws-vault-pending:${name}`),
  ]);
  Object.assign(home.env, store.env, { HOME: home.path });
  const run = (...words: string[]) =>
    home.run(...words, `--backend=${backend.name}`, "--no-prompt");
  assertHarmless(await run("list"), 0, "list");
  assertHarmless(await run("list", "--credentials"), 0, "list --credentials");
  assertHarmless(await run("list", "--json"), 0, "list --json");
  for (const name of names) {
    assertHarmless(await run("explain", name), 0, "explain");
    assertHarmless(await run("export", "--debug", name), 1, "export");
    assertHarmless(await run("rotate", name), 1, "rotate");
    assertHarmless(await run("remove", name), 1, "remove");
  }
}

/** Puts damaged items under the names, which are gone in the end. */
async function plant(
  home: Home,
  store: RunningStore,
  backend: string,
  names: readonly string[],
): Promise<AsyncDisposable> {
  const keyring = backend === "keyctl"
    ? openKeyctl({ keyringName: "aws-vault" })
    : await openKeyring({ backend, env: { ...home.env, ...store.env } });
  const data = new TextEncoder().encode(FORGES);
  for (const name of names) await keyring.set(name, { label: "planted", data });
  return {
    async [Symbol.asyncDispose]() {
      for (const name of names) await keyring.remove(name);
      await keyring.close();
    },
  };
}

Deno.test("answers of AWS are shown and not done", NOT_ON_WINDOWS, async () => {
  await using home = await Home.open();
  await home.as("work").succeed("add", "--env", "work");
  const refuse = { kind: "refuse", status: 403, code: ACTS, message: FORGES } as const;
  for (
    const [action, words] of [
      ["GetSessionToken", ["export", "work"]],
      ["GetCallerIdentity", ["rotate", "work"]],
      ["ListAccessKeys", ["rotate", "work"]],
      ["CreateAccessKey", ["rotate", "work"]],
    ] as const
  ) {
    home.aws.fault({ ...refuse, action });
    assertHarmless(await home.run(...words, "--debug"), 5, action);
    await home.run("remove", "--force", "work");
    await home.as("work").succeed("add", "--env", "work");
  }
});

for (
  const [what, answer] of [
    ["a page", `<html>${FORGES}</html>`],
    ["no XML", FORGES],
    ["an expiration", credentialsAnswer({ Expiration: FORGES })],
    ["a key", credentialsAnswer({ AccessKeyId: FORGES })],
    ["a token", credentialsAnswer({ SessionToken: FORGES })],
  ] as const
) {
  Deno.test(`an answer of AWS that is not one says nothing of its own: ${what}`, async () => {
    await using home = await Home.open();
    await home.as("work").succeed("add", "--env", "work");
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      () => new Response(answer, { headers: { "content-type": "text/xml" } }),
    );
    home.env["AWS_ENDPOINT_URL"] = `http://127.0.0.1:${server.addr.port}`;
    const { code, stdout, stderr } = await home.run("export", "--debug", "work");
    assert.doesNotMatch(stdout + stderr, ACTING);
    assert.doesNotMatch(stderr, /^(error: |hint: )?forged/m);
    assert.notEqual(code, 0);
  });
}

function credentialsAnswer(change: Readonly<Record<string, string>>): string {
  const fields = {
    AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
    SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    SessionToken: "token",
    Expiration: "2099-01-01T00:00:00Z",
    ...change,
  };
  const xml = Object.entries(fields).map(([name, value]) => `<${name}>${value}</${name}>`).join("");
  return `<GetSessionTokenResponse><GetSessionTokenResult><Credentials>${xml}</Credentials>` +
    `</GetSessionTokenResult></GetSessionTokenResponse>`;
}

Deno.test("rows of the session database are shown and not done", NOT_ON_WINDOWS, async () => {
  await using home = await Home.open();
  await home.as("work").succeed("add", "--env", "work");
  await home.succeed("export", "work");
  const database = new DatabaseSync(`${home.path}/.awsvault/state/sessions.db`);
  database.prepare("UPDATE sessions SET profile = ?, kind = ?").run(FORGES, FORGES);
  database.close();
  for (const words of [["list"], ["list", "--sessions"], ["list", "--json"]]) {
    assertHarmless(await home.run(...words), 0, words.join(" "));
  }
});

Deno.test(
  "what a program of a store writes to its standard error is shown and not done",
  NOT_ON_WINDOWS,
  async () => {
    await using home = await Home.open();
    home.write("words", FORGES);
    // The last line counts.
    const last = `printf 'ouch ' >&2; tr '\\n' ' ' <'${home.path}/words' >&2; exit 9`;
    home.write("pass", `#!/bin/sh\n${last}\n`, 0o700);
    home.write("store/.gpg-id", "me\n");
    home.write("store/work.gpg", "not one");
    const flags = [`--pass-cmd=${home.path}/pass`, `--pass-dir=${home.path}/store`];
    assertHarmless(await home.run("export", "work", "--backend=pass", ...flags), 1, "pass");
  },
);

for (
  const answer of [FORGES, { Version: FORGES }, { Version: 1, AccessKeyId: FORGES }, {
    Version: 1,
    AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
    SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    SessionToken: "token",
    Expiration: FORGES,
  }]
) {
  const text = JSON.stringify(answer);
  Deno.test(
    `an answer of a credential_process says nothing of its own: ${
      text.slice(0, 12)
    }, ${text.length}`,
    NOT_ON_WINDOWS,
    async () => {
      await using home = await Home.open();
      home.write("answer", typeof answer === "string" ? answer : text);
      home.write(".aws/config", `[profile work]\ncredential_process = cat ${home.path}/answer\n`);
      const { code, stdout, stderr } = await home.run("export", "--debug", "work");
      assert.doesNotMatch(stdout + stderr, ACTING);
      assert.doesNotMatch(stderr, /^(error: |hint: )?forged/m);
      assert.equal(code, 1);
    },
  );
}

Deno.test("a keystore that cannot be closed says why as any other failure does", async () => {
  await using home = await Home.open();
  const keyring = new MemoryKeyring();
  keyring.close = () => {
    throw new VaultError("keyring-failed", `Cannot close ${FORGES}`);
  };
  home.backends = [defineBackend({
    name: "open",
    platforms: ["linux", "darwin", "windows"],
    isAutomatic: true,
    options: {},
    probe: () => undefined,
    open: () => keyring,
  })];
  const { stderr, code } = await home.runOn((host) => host, "list", "--backend=open");
  assertHarmless({ stdout: "", stderr, code }, 1, "close");
});

Deno.test("a question shows a device's name and does not do it", NEEDS_TERMINAL, async () => {
  await using home = await Home.open();
  await home.as("work").succeed("add", "--env", "work");
  home.write(".aws/config", `[profile work]\nmfa_serial = ${LINE}\n`);
  const environment = Object.entries(home.env).map(([name, value]) => `${name}=${value}`);
  const { terminal, code } = await play({
    argv: ["env", ...environment, ...programWords(), "export", "work"],
    steps: [{ expect: "[2J", send: "\u0003" }],
    pipes: true,
  });
  assert.equal(code, 130);
  assert.doesNotMatch(terminal.replaceAll("\r\n", "\n"), ACTING);
  assert.match(terminal, /^Enter MFA code for \\u001b\[2J/m);
});
