/** A certificate is exchanged for a role: every kind of key and of file, against a verifier of its own. */

import assert from "node:assert/strict";
import { requireOpenssl } from "../servers/certificates.ts";
import { AnywhereHome } from "./anywhere_home.ts";
import type { KEYS } from "./authority.ts";

const CALL = "CreateSession backup by certificate";
const EXPORT = ["export", "--format=json", "work"];

for (const key of ["RSA", "P-256", "P-384"] as const satisfies (keyof typeof KEYS)[]) {
  Deno.test({
    ...requireOpenssl(),
    name: `a certificate with a key of ${key} gives a role, with its chain, once`,
    async fn() {
      await using home = await AnywhereHome.with({ key });
      home.useFiles("cert.pem", "key.pem");
      const { stdout } = await home.succeed(...EXPORT);
      const arn = home.aws.world.session(JSON.parse(stdout).AccessKeyId)?.arn;
      assert.match(arn ?? "", /^arn:aws:sts::111122223333:assumed-role\/backup\/[0-9a-f]{2,}$/);
      assert.deepEqual(home.aws.takeCalls(), [CALL]);
      // The authority itself is the trust anchor's, and not sent.
      assert.deepEqual(home.aws.world.rolesAnywhere.shown, ["CN=leaf", "CN=issuer"]);
      await home.succeed(...EXPORT);
      await home.succeed("export", "--format=json", "next");
      assert.deepEqual(home.aws.takeCalls(), ["AssumeRole next by role/backup for 3600s"]);
    },
  });
}

/** How OpenSSL writes a key of each kind; the passphrase is `pass phrase`. */
const FORMS: Record<string, { key: keyof typeof KEYS; command: string; file: string }> = {
  "PKCS#1": {
    key: "RSA",
    command: "rsa -in leaf.key -traditional -out leaf.p1",
    file: "leaf.p1",
  },
  "SEC1": { key: "P-256", command: "ec -in leaf.key -out leaf.sec1", file: "leaf.sec1" },
  "SEC1 of P-384 without its public key": {
    key: "P-384",
    command: "ec -in leaf.key -no_public -out leaf.sec1",
    file: "leaf.sec1",
  },
  "SEC1 behind its parameters": {
    key: "P-256",
    command: "ecparam -name prime256v1 -out leaf.sec1; openssl ec -in leaf.key >> leaf.sec1",
    file: "leaf.sec1",
  },
  "encrypted PKCS#8": {
    key: "P-256",
    command: "pkcs8 -topk8 -in leaf.key -passout pass:'pass phrase' -out leaf.enc",
    file: "leaf.enc",
  },
  "encrypted PKCS#8 in the old way": {
    key: "RSA",
    command:
      "pkcs8 -topk8 -v1 PBE-SHA1-3DES -in leaf.key -passout pass:'pass phrase' -out leaf.enc",
    file: "leaf.enc",
  },
};

for (const [name, { key, command, file }] of Object.entries(FORMS)) {
  Deno.test({
    ...requireOpenssl(),
    name: `a private key in ${name}`,
    async fn() {
      await using home = await AnywhereHome.with({ key });
      home.authority.openssl(command);
      home.take(file);
      home.useFiles("cert.pem", file);
      home.env["AWS_VAULT_CERTIFICATE_PASSPHRASE"] = "pass phrase";
      await home.succeed(...EXPORT);
      assert.deepEqual(home.aws.takeCalls(), [CALL]);
    },
  });
}

/** PKCS#12 of today, of yesterday and without a passphrase. */
const P12: Record<string, { key: keyof typeof KEYS; flags: string; passphrase: string }> = {
  "of RSA": { key: "RSA", flags: "", passphrase: "pass phrase" },
  "of P-384": { key: "P-384", flags: "", passphrase: "Größe ✓" },
  "encrypted in the old way": {
    key: "RSA",
    flags: "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1",
    passphrase: "pass phrase",
  },
  "with certificates in RC2, as older systems write it": {
    key: "RSA",
    flags: "-legacy",
    passphrase: "pass phrase",
  },
  "without a passphrase": { key: "P-256", flags: "", passphrase: "" },
  "with certificates in the clear": {
    key: "P-256",
    flags: "-certpbe NONE",
    passphrase: "pass phrase",
  },
};

for (const [name, { key, flags, passphrase }] of Object.entries(P12)) {
  Deno.test({
    ...requireOpenssl(),
    name: `PKCS#12 ${name}`,
    async fn() {
      await using home = await AnywhereHome.with({ key });
      const { authority } = home;
      Deno.writeTextFileSync(authority.path("pass"), passphrase + "\n");
      authority.openssl(
        `pkcs12 -export -inkey leaf.key -in leaf.pem -certfile issuer.pem ${flags} ` +
          "-passout file:pass -out leaf.p12",
      );
      home.take("leaf.p12");
      home.useFiles("leaf.p12");
      if (passphrase !== "") {
        const unasked = await home.run("export", "--no-prompt", "--format=json", "work");
        assert.equal(unasked.code, 4, unasked.stderr);
        assert.match(unasked.stderr, /^error: Cannot open the file .* it needs a passphrase/);
        assert.match((await home.succeed("list")).stdout, /^work +- +-$/m);
        home.env["AWS_VAULT_CERTIFICATE_PASSPHRASE"] = "another";
        assert.match((await home.succeed("list")).stdout, /^work +- +-$/m);
        const wrong = await home.run(...EXPORT);
        assert.equal(wrong.code, 1, wrong.stderr);
        assert.match(wrong.stderr, /^error: Cannot open the file .*: the passphrase is wrong/);
        home.env["AWS_VAULT_CERTIFICATE_PASSPHRASE"] = passphrase;
      }
      const list = await home.succeed("list");
      assert.match(list.stdout, /^work +certificate until 20\d\d-\d\d-\d\dT[\d:]+Z +-$/m);
      assert.deepEqual(home.aws.takeCalls(), []);
      await home.succeed(...EXPORT);
      assert.deepEqual(home.aws.takeCalls(), [CALL]);
      assert.deepEqual(home.aws.world.rolesAnywhere.shown, ["CN=leaf", "CN=issuer"]);
    },
  });
}

/** One file as people and programs write it, with everything that is needed in it. */
const FILES: Readonly<Record<string, (home: AnywhereHome) => string>> = {
  "the certificate last": ({ authority }) =>
    authority.root + authority.read("issuer.pem") + authority.read("leaf.key") +
    authority.read("leaf.pem"),
  "everything twice": (home) => {
    const { authority } = home;
    return authority.withChain("leaf") + authority.withChain("leaf") + authority.read("leaf.key");
  },
  "line ends of Windows, a BOM and text between": ({ authority }) =>
    "\ufeff" +
    ["leaf.pem", "issuer.pem", "leaf.key"].map((name) =>
      `Bag Attributes: x\n${authority.read(name)}`
    )
      .join("\nsubject=CN = x\n").replaceAll("\n", "\r\n"),
};

for (const [name, write] of Object.entries(FILES)) {
  Deno.test({
    ...requireOpenssl(),
    name: `one file with ${name}`,
    async fn() {
      await using home = await AnywhereHome.with();
      home.write("all.pem", write(home));
      home.useFiles("all.pem");
      await home.succeed(...EXPORT);
      assert.deepEqual(home.aws.world.rolesAnywhere.shown, ["CN=leaf", "CN=issuer"]);
    },
  });
}

Deno.test({
  ...requireOpenssl(),
  name: "the chain in a file of its own, in DER and PEM",
  async fn() {
    await using home = await AnywhereHome.with();
    home.authority.openssl("x509 -in leaf.pem -outform DER -out leaf.der");
    home.take("leaf.der");
    home.take("issuer.pem");
    home.configure({
      rolesanywhere_certificate_file: `${home.path}/leaf.der`,
      rolesanywhere_private_key_file: `${home.path}/key.pem`,
      rolesanywhere_chain_file: `${home.path}/issuer.pem`,
    });
    await home.succeed(...EXPORT);
    assert.deepEqual(home.aws.world.rolesAnywhere.shown, ["CN=leaf", "CN=issuer"]);
  },
});

Deno.test({
  ...requireOpenssl(),
  name: "a serial number is signed in decimal digits, however long it is",
  async fn() {
    for (const serial of ["0x00ff", "0x7fffffffffffffffffffffffffffffffffffffff"]) {
      await using home = await AnywhereHome.with({ serial });
      home.useFiles("cert.pem", "key.pem");
      await home.succeed(...EXPORT);
    }
  },
});

Deno.test({
  ...requireOpenssl(),
  name: "duration, session name and the partition of the trust anchor are kept",
  async fn() {
    await using home = await AnywhereHome.with();
    const settings = home.aws.world.rolesAnywhere.setUp(home.authority.root, [
      "arn:aws:iam::111122223333:role/backup",
    ], { region: "eu-central-1" });
    home.configure({
      ...settings,
      rolesanywhere_certificate_file: "~/cert.pem",
      rolesanywhere_private_key_file: "~/key.pem",
      duration_seconds: "7200",
      role_session_name: "nightly",
    });
    const { stdout } = await home.succeed(...EXPORT);
    const { AccessKeyId, Expiration, AccountId } = JSON.parse(stdout);
    assert.equal(AccountId ?? "111122223333", "111122223333");
    const session = home.aws.world.session(AccessKeyId);
    assert.match(session?.arn ?? "", /role\/backup\/nightly$/);
    const left = Temporal.Instant.from(Expiration).since(Temporal.Now.instant()).total("hours");
    assert(left > 1.9 && left <= 2);
  },
});

Deno.test({
  ...requireOpenssl(),
  name: "a duration beyond AWS's limits is cut, and said",
  async fn() {
    await using home = await AnywhereHome.with();
    home.configure({
      rolesanywhere_certificate_file: "~/cert.pem",
      rolesanywhere_private_key_file: "~/key.pem",
      duration_seconds: "100000",
    });
    const { stderr } = await home.succeed(...EXPORT);
    assert.match(stderr, /^note: The role of profile "work" lasts 12h instead of 27h46m40s: AWS/m);
  },
});

/** Makes a number of rounds, 70,000, one of many millions. */
function slow(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(bytes.toHex().replaceAll("0203011170", "02037fffff"));
}

Deno.test({
  ...requireOpenssl(),
  name: "a file whose passphrase takes millions of rounds to check holds nobody up",
  async fn() {
    await using home = await AnywhereHome.with();
    const { authority } = home;
    authority.openssl(
      "pkcs12 -export -inkey leaf.key -in leaf.pem -iter 70000 -passout pass:slow -out leaf.p12",
    );
    authority.openssl(
      "pkcs8 -topk8 -in leaf.key -iter 70000 -passout pass:slow -outform der -out key.der",
    );
    const read = (name: string) => slow(Deno.readFileSync(authority.path(name)));
    Deno.writeFileSync(`${home.path}/leaf.p12`, read("leaf.p12"), { mode: 0o600 });
    const lines = read("key.der").toBase64().replace(/.{64}/g, "$&\n");
    home.write(
      "slow.key",
      `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${lines}\n-----END ENCRYPTED PRIVATE KEY-----\n`,
    );
    home.take("leaf.pem");
    home.env["AWS_VAULT_CERTIFICATE_PASSPHRASE"] = "slow";
    const cases: [string, string?][] = [["leaf.p12"], ["leaf.pem", "slow.key"]];
    for (const files of cases) {
      home.useFiles(...files);
      const { code, stderr } = await home.run(...EXPORT);
      const path = `${home.path}/${files.at(-1)}`;
      const problem = "checking its passphrase takes more than 2000000 rounds";
      assert.match(stderr, new RegExp(`^error: Cannot use the file "${path}": ${problem}$`, "m"));
      assert.equal(code, 1);
      await home.succeed("list");
    }
    assert.deepEqual(home.aws.takeCalls(), []);
  },
});
