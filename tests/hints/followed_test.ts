/** Hints that no story can show, since they need more than one keystore, a damaged item, a certificate or a browser. */

import assert from "node:assert/strict";
import { Secret } from "../../src/secret.ts";
import { plainBackends } from "../crash/plain_keyring.ts";
import { type Finished, Home, NOT_ON_WINDOWS } from "../home.ts";
import { LoginHome } from "../process/login_home.ts";
import { AnywhereHome } from "../roles_anywhere/anywhere_home.ts";
import { requireOpenssl } from "../servers/certificates.ts";

const SERIAL = "arn:aws:iam::111122223333:mfa/work";

/** A home whose keystores are two folders of plain files, `keyctl` and `pass`. */
async function openPlainHome(): Promise<Home> {
  const home = await Home.open({ users: [{ name: "work", mfa: [{}] }] });
  home.backends = plainBackends();
  Object.assign(home.env, {
    AWS_VAULT_BACKEND: "keyctl",
    AWS_VAULT_FILE_DIR: `${home.path}/stores`,
  });
  home.write(".aws/config", `[profile work]\nmfa_serial = ${SERIAL}\n`);
  for (const backend of ["keyctl", "pass"]) {
    await home.as("work").succeed("add", "--env", `--backend=${backend}`, "work");
  }
  return home;
}

function itemPath(store: string, prefix: string, home: Home): string {
  const names = [...Deno.readDirSync(`${home.path}/stores/${store}`)].map(({ name }) => name);
  const found = names.filter((name) => name.startsWith(encodeURIComponent(prefix)));
  assert.equal(found.length, 1, names.join(" "));
  return `stores/${store}/${found[0]!}`;
}

function assertFails({ code, stderr }: Finished, exit: number, hint: string): void {
  assert.equal(code, exit, stderr);
  assert(stderr.split("\n").includes(`hint: ${hint}`), stderr);
}

/** Types the seed of the device. */
async function storeSeed(home: Home, ...flags: string[]): Promise<void> {
  const finished = await home.runOn(
    (host) => ({
      ...host,
      stdin: { ...host.stdin, isTerminal: () => true },
      terminal: {
        isAvailable: () => Promise.resolve(true),
        write: () => Promise.resolve(),
        ask: (question) =>
          Promise.resolve(
            new Secret(question.includes("Replace") ? "y" : home.aws.user("work").device.secret),
          ),
        dropTyped: () => Promise.resolve(),
      },
    }),
    "add",
    "--mfa-secret",
    ...flags,
    "work",
  );
  assert.equal(finished.code, 0, finished.stderr);
}

Deno.test("a damaged seed is stored again", async () => {
  await using home = await openPlainHome();
  await storeSeed(home);
  const seed = itemPath("keyctl", "aws-vault-totp:", home);
  const good = home.read(seed);
  home.write(seed, "{}");
  const words = ["export", "--format=json", "work"];
  assertFails(await home.run(...words), 1, "Store it again: aws-vault add --mfa-secret PROFILE");
  await storeSeed(home);
  assert.equal(home.read(seed), good);
  await home.succeed(...words);
});

Deno.test("what doctor says of a seed that no profile shows is done as it stands there", async () => {
  await using home = await openPlainHome();
  await storeSeed(home);
  home.write(".aws/config", "[profile work]\n");
  const seed = itemPath("keyctl", "aws-vault-totp:", home);
  const enrolling = `stores/keyctl/${encodeURIComponent(`aws-vault-enrolling:${SERIAL}2`)}`;
  home.write(enrolling, home.read(seed)!);
  const { stdout } = await home.run("doctor");
  const todo = /aws-vault (mfa forget arn:\S+)$/gm;
  const lines = [...stdout.matchAll(todo)].map(([, words]) => words!.split(" "));
  assert.deepEqual(lines, [["mfa", "forget", `${SERIAL}2`], ["mfa", "forget", SERIAL]]);
  for (const words of lines) await home.succeed(...words, "--force");
  assert.deepEqual([home.read(seed), home.read(enrolling)], [undefined, undefined]);
});

Deno.test("of two seeds of a device the one that is not wanted is removed", async () => {
  await using home = await openPlainHome();
  await storeSeed(home);
  await storeSeed(home, "--backend=pass");
  const seed = itemPath("pass", "aws-vault-totp:", home);
  home.write(seed, home.read(seed)!.replace(/[A-Z2-7]{32}/, "A".repeat(32)));
  const words = ["migrate-backend", "--from=keyctl", "--to=pass"];
  const refused = await home.run(...words);
  assert.match(
    refused.stderr,
    /Remove the one that is not needed: aws-vault mfa forget --backend=NAME PROFILE$/m,
  );
  await home.succeed("mfa", "forget", "--force", "--backend=pass", "work");
  await home.succeed(...words);
  assert.equal(home.read(seed), home.read(itemPath("keyctl", "aws-vault-totp:", home)));
});

Deno.test({
  ...requireOpenssl(),
  name: "a certificate that is missing, damaged or encrypted is stored",
  async fn() {
    await using home = await AnywhereHome.with();
    home.backends = plainBackends();
    home.env["AWS_VAULT_BACKEND"] = "keyctl";
    home.env["AWS_VAULT_FILE_DIR"] = `${home.path}/stores`;
    const words = ["export", "--format=json", "work"];
    const files = `--certificate ${home.path}/cert.pem --private-key ${home.path}/key.pem`.split(
      " ",
    );
    const hint = "aws-vault add --certificate cert.pem --private-key key.pem work";
    assertFails(await home.run(...words), 3, `Store one: ${hint}`);
    await home.succeed("add", ...files, "work");
    await home.succeed(...words);
    await home.succeed("clear");
    home.write(itemPath("keyctl", "aws-vault-certificate:", home), "{}");
    assertFails(await home.run(...words), 1, `It was left in place; replace it: ${hint}`);
    await home.succeed("add", "--force", ...files, "work");
    await home.succeed(...words);

    home.authority.openssl(
      "pkcs12 -export -inkey leaf.key -in leaf.pem -certfile issuer.pem -passout pass:typed -out leaf.p12",
    );
    home.take("leaf.p12");
    home.useFiles("leaf.p12");
    await home.succeed("clear");
    assertFails(
      await home.run(...words),
      4,
      "Set AWS_VAULT_CERTIFICATE_PASSPHRASE, or store the certificate in the keystore: " +
        "aws-vault add --certificate FILE PROFILE",
    );
    home.env["AWS_VAULT_CERTIFICATE_PASSPHRASE"] = "typed";
    await home.succeed(...words);
    await home.succeed("add", "--force", "--certificate", `${home.path}/leaf.p12`, "work");
    delete home.env["AWS_VAULT_CERTIFICATE_PASSPHRASE"];
    home.configure({});
    await home.succeed(...words);
  },
});

Deno.test(
  "a browser without containers is not asked for one, and Firefox is",
  NOT_ON_WINDOWS,
  async () => {
    await using place = await LoginHome.open();
    const { home } = place;
    const script = "#!/bin/sh\nfor word; do :; done\n" +
      'url=$(printf %s "$word" | sed "s/.*&url=//; s/&color=.*//; s/%3A/:/g; s/%2F/\\//g")\n' +
      'curl -s -o /dev/null "$url"\n';
    for (const name of ["firefox", "chromium"]) home.write(`bin/${name}`, script, 0o755);
    home.env["PATH"] = `${home.path}/bin:${Deno.env.get("PATH")}`;
    home.env["DISPLAY"] = ":9";
    const login = (...flags: string[]) => home.start(["login", ...flags, "admin"]).finished;
    assertFails(
      await login("--container=a", "--browser", "chromium"),
      2,
      "Only Firefox has containers: --browser firefox; other browsers have --browser-profile",
    );
    assert.equal((await login("--container=a", "--browser", "firefox")).code, 0);
  },
);
