import assert from "node:assert/strict";
import { openPassKeyring, type PassOptions } from "../../backends/pass/keyring.ts";
import { probePass } from "../../backends/pass/probe.ts";
import type { VaultError } from "../../src/errors.ts";
import type { Keyring } from "../../src/keyring.ts";
import { requireService, runs } from "../services.ts";
import { AGE_INSTALL, hasAge, makeAgeHome } from "../services/age.ts";
import { type GpgHome, hasPass, makeGpgHome, PASS_INSTALL } from "../services/gpg.ts";
import { writeProgram } from "../services/write_program.ts";
import { passDeps } from "./pass_opener.ts";

const gpg = requireService("pass", hasPass(), PASS_INSTALL);
const age = requireService("age", hasAge(), AGE_INSTALL);
const item = (text: string) => ({
  data: new TextEncoder().encode(text),
  label: "aws-vault (work)",
});
const text = (data: Uint8Array | undefined) => data && new TextDecoder().decode(data);
const open = (env: Readonly<Record<string, string>>, options: Partial<PassOptions> = {}): Keyring =>
  openPassKeyring("pass", passDeps(env), { mayPrompt: false, ...options });

async function failure(of: Promise<unknown>): Promise<unknown> {
  const error = await of.then((value) => assert.fail(`no error but ${value}`), (error) => error);
  const { code, message } = error as VaultError;
  return { code, message };
}

function gpgTest(
  name: string,
  body: (home: GpgHome) => Promise<void>,
  options: { passphrase?: string } = {},
): void {
  Deno.test({
    name: `pass keyring ${name}`,
    ...gpg,
    fn: async () => {
      await using home = await makeGpgHome(options);
      await body(home);
    },
  });
}

gpgTest("reads an item that pass was given by hand, and pass shows ours", async (home) => {
  const stored = { Key: "team/prod", Data: btoa("theirs"), Label: "", Description: "" };
  await home.run("pass", ["insert", "-m", "aws/team/prod"], JSON.stringify(stored) + "\n");
  await home.run("pass", ["insert", "-m", "mail/home"], "not for us");
  const keyring = open(home.env, { passPrefix: "aws" });
  assert.deepEqual(await keyring.keys(), ["team/prod"]);
  assert.equal(text(await keyring.get("team/prod")), "theirs");
  await keyring.set("work", item("ours"));
  assert.deepEqual(JSON.parse(await home.run("pass", ["show", "aws/work"])), {
    Key: "work",
    Data: btoa("ours"),
    Label: "aws-vault (work)",
    Description: "",
    KeychainNotTrustApplication: true,
    KeychainNotSynchronizable: false,
  });
});

gpgTest("says that the key is locked, until it is unlocked", async (home) => {
  const keyring = open(home.env);
  await keyring.set("work", item("value"));
  assert.equal(await keyring.has("work"), true);
  assert.deepEqual(await keyring.keys(), ["work"]);
  assert.deepEqual(await failure(keyring.get("work")), {
    code: "keyring-locked",
    message: 'Cannot read "work" from pass: gpg did not unlock the secret key ' +
      "(gpg: decryption failed: No secret key)",
  });
  await assert.rejects(keyring.get("work"), {
    exitCode: 4,
    hints: [
      "Unlock the key in a terminal, where gpg can ask: pass show work",
      "Let gpg-agent keep it unlocked for longer: default-cache-ttl in gpg-agent.conf",
    ],
  });
  await home.run("gpg", [
    ...["--batch", "--pinentry-mode=loopback", "--passphrase-fd=0"],
    ...["--decrypt", `${home.store}/work.gpg`],
  ], "correct horse");
  assert.equal(text(await keyring.get("work")), "value");
  await home.forgetPassphrases();
  assert.equal((await failure(keyring.get("work")) as VaultError).code, "keyring-locked");
}, { passphrase: "correct horse" });

gpgTest("distinguishes a missing secret key and a damaged file from a locked one", async (home) => {
  await open(home.env).set("work", item("value"));
  assert.deepEqual(await failure(open(home.envWithoutKey).get("work")), {
    code: "keyring-failed",
    message:
      'Cannot read "work" from pass: this machine has none of the keys that it was encrypted ' +
      "for (gpg: decryption failed: No secret key)",
  });
  const path = `${home.store}/work.gpg`;
  const whole = await Deno.readFile(path);
  const flipped = whole.with(-5, whole.at(-5)! ^ 1);
  for (const bytes of [whole.subarray(0, 200), flipped, new TextEncoder().encode("no message")]) {
    await Deno.writeFile(path, bytes);
    const { code } = await failure(open(home.env).get("work")) as VaultError;
    assert.equal(code, "damaged-item", `${bytes.length} bytes`);
  }
  await home.run("pass", ["insert", "-m", "-f", "work"], "a password, no item");
  assert.deepEqual(await failure(open(home.env).get("work")), {
    code: "damaged-item",
    message: `Cannot read "work": its file "${path}" is damaged: it is not a JSON object`,
  });
});

gpgTest("does not take another's item that was renamed", async (home) => {
  await open(home.env).set("work", item("value"));
  await Deno.rename(`${home.store}/work.gpg`, `${home.store}/prod.gpg`);
  assert.equal((await failure(open(home.env).get("prod")) as VaultError).code, "damaged-item");
});

/** A program in place of pass that does something and then, mostly, runs pass. */
function makeWrapper(home: GpgHome, script: string): string {
  const path = `${home.store}/../wrapper`;
  writeProgram(path, `#!/bin/sh\n${script}\n`, 0o700);
  return path;
}

gpgTest("shows no secret to those who look at processes", async (home) => {
  const seen = `${home.store}/../seen`;
  const look = `{ echo "$@"; cat /proc/$$/environ; } >>${seen}; exec pass "$@"`;
  const env = {
    ...home.env,
    AWS_SECRET_ACCESS_KEY: "secret value",
    AWS_VAULT_FILE_PASSPHRASE: "secret value",
  };
  const keyring = open(env, { passCmd: makeWrapper(home, look) });
  await keyring.set("work", item("secret value"));
  assert.equal(text(await keyring.get("work")), "secret value");
  assert.equal(await keyring.remove("work"), true);
  const all = await Deno.readTextFile(seen);
  assert.match(all, /insert --multiline --force work[^]*show work[^]*rm --force work/);
  assert.equal(/secret value|c2VjcmV0/.test(all), false);
});

gpgTest("keeps the old item when the program breaks off in the middle", async (home) => {
  await open(home.env).set("work", item("old"));
  const halfway = `echo half >${home.store}/"$4".gpg; echo "oh \x1b[31mno" >&2; exit 7`;
  const broken = open(home.env, { passCmd: makeWrapper(home, halfway) });
  for (const key of ["work", "new"]) {
    assert.deepEqual(await failure(broken.set(key, item("new"))), {
      code: "keyring-failed",
      message: `Cannot store "${key}" in pass: it ended with exit code 7 (oh \u001b[31mno)`,
    });
  }
  assert.deepEqual(await open(home.env).keys(), ["work"]);
  assert.equal(text(await open(home.env).get("work")), "old");
});

gpgTest("puts the old item back after this program was killed in the middle", async (home) => {
  await open(home.env).set("work", item("old"));
  const script = `import { openKeyring } from ${
    JSON.stringify(new URL("pass_opener.ts", import.meta.url).href)
  };
    const [config, key] = Deno.args;
    const keyring = openKeyring(JSON.parse(config));
    await keyring.set(key, { data: new Uint8Array(3), label: "" });`;
  const program = `${home.store}/../kill.ts`;
  await Deno.writeTextFile(program, script);
  // The parent of what we run is we.
  await Deno.mkdir(`${home.store}/../bin`);
  const path = `${home.store}/../bin/pass`;
  writeProgram(
    path,
    `#!/bin/sh\necho half >${home.store}/"$4".gpg\nkill -9 $PPID\n`,
    0o700,
  );
  const env = { ...home.env, PATH: `${home.store}/../bin:${home.env["PATH"]}` };
  for (const key of ["work", "new"]) {
    const { signal } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", program, JSON.stringify({ backend: "pass", env }), key],
    }).output();
    assert.equal(signal, "SIGKILL");
    assert.deepEqual(await open(home.env).keys(), ["work"]);
    assert.equal(await open(home.env).has("new"), false);
    assert.equal(text(await open(home.env).get("work")), "old");
  }
});

gpgTest("ends after its time, whatever the program waits for", async (home) => {
  await open(home.env).set("work", item("value"));
  const passCmd = makeWrapper(home, "exec sleep 60");
  const limits = { promptMs: 200, callMs: 100 };
  const outcomes = [false, true].map(async (mayPrompt) => {
    const env = { ...home.env, DISPLAY: ":0" };
    const error = await failure(open(env, { passCmd, limits, mayPrompt }).get("work"));
    return (error as VaultError).code;
  });
  assert.deepEqual(await Promise.all(outcomes), ["keyring-failed", "keyring-locked"]);
});

gpgTest("commits to the store's git, each change by itself", async (home) => {
  await home.run("git", ["config", "--global", "user.email", "test@example.com"]);
  await home.run("git", ["config", "--global", "user.name", "Test"]);
  await home.run("pass", ["git", "init"]);
  const keyring = open(home.env);
  await Promise.all(["a", "b"].map((key) => keyring.set(key, item(key))));
  await keyring.remove("a");
  const log = await home.run("pass", ["git", "log", "--format=%s", "-3"]);
  assert.deepEqual(log.split("\n").slice(0, 3).sort(), [
    "Add given password for a to store.",
    "Add given password for b to store.",
    "Remove a from store.",
  ]);
  assert.equal(await home.run("pass", ["git", "status", "--porcelain"]), "");
});

gpgTest("can be used where there is a store, and says what is missing", async (home) => {
  const probe = (env: Record<string, string>, options: Partial<PassOptions> = {}) =>
    probePass("pass", passDeps({ ...home.env, ...env }), options);
  assert.equal(probe({}), undefined);
  assert.equal(probe({}, { passCmd: "no-such-pass" }), 'There is no program "no-such-pass"');
  const nowhere = { PASSWORD_STORE_DIR: `${home.store}/none` };
  assert.equal(probe(nowhere), `There is no password store in "${home.store}/none"`);
  assert.deepEqual(await failure(open({ ...home.env, ...nowhere }).set("work", item("x"))), {
    code: "keyring-unavailable",
    message: `Cannot store keys in pass: there is no password store in "${home.store}/none"`,
  });
  assert.deepEqual(await open({ ...home.env, ...nowhere }).keys(), []);
  await home.run("pass", ["init", "-p", "none/aws", "test@example.com"]);
  assert.equal(probe(nowhere, { passPrefix: "aws/vault" }), undefined);
});

Deno.test("passage keyring reads an item that passage was given by hand", age, async () => {
  await using home = await makeAgeHome();
  const stored = { Key: "team/prod", Data: btoa("theirs") };
  await home.run("passage", ["insert", "-m", "team/prod"], JSON.stringify(stored));
  const keyring = openPassKeyring("passage", passDeps(home.env), { mayPrompt: false });
  assert.equal(text(await keyring.get("team/prod")), "theirs");
  assert.deepEqual(await keyring.keys(), ["team/prod"]);
});

Deno.test("passage keyring names what stands in the way", age, async () => {
  await using home = await makeAgeHome();
  const openAge = (env: Readonly<Record<string, string>>) =>
    openPassKeyring("passage", passDeps(env), { mayPrompt: false });
  await openAge(home.env).set("work", item("value"));
  const { code } = await failure(openAge(home.envWithoutKey).get("work")) as VaultError;
  assert.equal(code, "keyring-failed");
  await Deno.writeTextFile(`${home.store}/work.age`, "age-encryption.org/v1\n-> X255");
  const damaged = await failure(openAge(home.env).get("work")) as VaultError;
  assert.equal(damaged.code, "damaged-item");
  const none = { ...home.env, PASSAGE_IDENTITIES_FILE: `${home.store}/none` };
  assert.equal(
    probePass("passage", passDeps(none), { passCmd: home.program }),
    `There is no identity for age in "${home.store}/none"`,
  );
  assert.equal(probePass("passage", passDeps(home.env), { passCmd: home.program }), undefined);
});

const script = requireService("script", !age.ignore && runs("script", "--version"), "util-linux");

Deno.test(
  "passage keyring asks nobody on the terminal that must not be asked",
  script,
  async () => {
    await using home = await makeAgeHome();
    const keyring = openPassKeyring("passage", passDeps(home.env), { mayPrompt: false });
    await keyring.set("work", item("value"));
    // An identity with a passphrase: age asks for it on the terminal. `script` is a terminal here.
    const identity = home.env["PASSAGE_IDENTITIES_FILE"]!;
    const encrypt =
      `printf 'pass phrase\\npass phrase\\n' | script -qec "age -p -o ${identity}.new ${identity}" /dev/null`;
    await home.run("sh", ["-c", encrypt]);
    const env = { ...home.env, PASSAGE_IDENTITIES_FILE: `${identity}.new` };
    const job = JSON.stringify({ backend: "passage", env, mayPrompt: false });
    const opener = JSON.stringify(new URL("pass_opener.ts", import.meta.url).href);
    await Deno.writeTextFile(
      `${home.store}/../get.ts`,
      `import { openKeyring } from ${opener};
     await openKeyring(${job}).get("work").then(() => console.log("read"), (error) => console.log(error.code));`,
    );
    // On a terminal, Deno would say that there is a newer one.
    const get = `${Deno.execPath()} run -A -q --no-check ${home.store}/../get.ts`;
    const denoDir = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
    const said = await home.run("sh", ["-c", `DENO_DIR=${denoDir} script -qec "${get}" /dev/null`]);
    assert.equal(said.trim(), "keyring-locked");
  },
);
