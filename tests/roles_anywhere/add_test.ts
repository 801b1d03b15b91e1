/** `add --certificate`: a certificate and its key in the keystore; what becomes of its files and sessions. */

import assert from "node:assert/strict";
import { requireOpenssl } from "../servers/certificates.ts";
import { AnywhereHome } from "./anywhere_home.ts";

const EXPORT = ["export", "--format=json", "work"];
const CALL = "CreateSession backup by certificate";
const ADD = ["add", "--certificate", "cert.pem", "--private-key", "key.pem", "work"];

/** The same with the files of a home. */
const addWords = (home: AnywhereHome, ...flags: string[]) => [
  ...flags,
  ...ADD.map((word) => word.endsWith(".pem") ? `${home.path}/${word}` : word),
];
const add = (home: AnywhereHome, ...flags: string[]) => {
  const [command = "", ...rest] = addWords(home);
  return home.run(command, ...flags, ...rest);
};

/** What `list` says of the certificate of `work`. */
async function listed(home: AnywhereHome): Promise<string> {
  const { stdout } = await home.succeed("list");
  return /^work +(\S.*?) +(?:-|\S+)$/m.exec(stdout)?.[1] ?? stdout;
}

for (const key of ["RSA", "P-256", "P-384"] as const) {
  Deno.test({
    ...requireOpenssl(),
    name: `a stored certificate of ${key} serves without its files`,
    async fn() {
      await using home = await AnywhereHome.with({ key });
      const stored = await add(home, "--delete-source");
      assert.equal(stored.code, 0, stored.stderr);
      assert.match(
        stored.stdout,
        /^Stored the certificate of profile "work" \(serial number \d+\), which expires in 19 days, at .*Z\nDeleted ".*key.pem", which held the private key\n$/,
      );
      assert.match(stored.stderr, /^hint: Copies may remain in backups/);
      assert.equal(home.read("key.pem"), undefined);
      Deno.removeSync(`${home.path}/cert.pem`);
      await home.succeed(...EXPORT);
      assert.deepEqual(home.aws.takeCalls(), [CALL]);
      assert.deepEqual(home.aws.world.rolesAnywhere.shown, ["CN=leaf", "CN=issuer"]);
      // Nothing of the key is in any file but sealed.
      const key8 = home.authority.read("leaf.key").split("\n")[1]!;
      for (const entry of walk(home.path)) {
        assert(!Deno.readTextFileSync(entry).includes(key8.slice(0, 40)), entry);
      }
    },
  });
}

function* walk(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* walk(path);
    else if (entry.isFile) yield path;
  }
}

Deno.test({
  ...requireOpenssl(),
  name: "sessions of a certificate that is replaced or removed do not serve",
  async fn() {
    await using home = await AnywhereHome.with();
    assert.equal((await add(home)).code, 0);
    await home.succeed(...EXPORT);
    home.aws.takeCalls();
    const asked = await add(home);
    assert.equal(asked.code, 4, asked.stderr);
    assert.match(asked.stderr, /^error: Cannot replace the certificate of profile "work"/);
    assert.equal((await add(home, "--force")).code, 0);
    await home.succeed(...EXPORT);
    assert.deepEqual(home.aws.takeCalls(), [CALL]);
    const removed = await home.succeed("remove", "--force", "work");
    assert.equal(removed.stdout, 'Deleted the certificate of profile "work"\n');
    const gone = await home.run(...EXPORT);
    assert.equal(gone.code, 3);
    assert.match(gone.stderr, /^error: .*: no certificate is stored for it\nhint: Store one: /);
    assert.deepEqual(home.aws.takeCalls(), []);
  },
});

Deno.test({
  ...requireOpenssl(),
  name: "the end of a certificate is in the list, and is said 14 days before",
  async fn() {
    for (const [days, isSoon] of [[20, false], [10, true]] as const) {
      for (const isStored of [true, false]) {
        await using home = await AnywhereHome.with({ days });
        if (isStored) assert.equal((await add(home)).code, 0);
        else home.useFiles("cert.pem", "key.pem");
        const note = isSoon
          ? /^note: The certificate of profile "work" expires in 9 days, at .*Z\n$/
          : /^$/;
        const list = await home.succeed("list");
        assert.match(list.stdout, /^work +certificate until 20\d\d-\d\d-\d\dT[\d:]+Z +-$/m);
        assert.match(list.stderr, note);
        const [first] = JSON.parse((await home.succeed("list", "--json")).stdout);
        const { expires, ...others } = first;
        assert.match(expires, /^20\d\d-\d\d-\d\dT[\d:]+Z$/);
        assert.deepEqual(others, {
          name: "work",
          configured: true,
          stored: false,
          source: "rolesanywhere.CreateSession",
          sessions: [],
        });
        // The first asks AWS, the second is cached, the third is a role behind it.
        for (const profile of ["work", "work", "next"]) {
          const { stderr } = await home.succeed("export", "--format=json", profile);
          assert.match(stderr, note);
        }
        assert.deepEqual(home.aws.takeCalls(), [CALL, "AssumeRole next by role/backup for 3600s"]);
      }
    }
  },
});

Deno.test({
  ...requireOpenssl(),
  name:
    "the end of a certificate whose passphrase is typed is listed once it was used, until it is another",
  async fn() {
    await using home = await AnywhereHome.with({ days: 10 });
    const issue = () => {
      home.authority.openssl(
        "pkcs12 -export -inkey leaf.key -in leaf.pem -certfile issuer.pem -passout pass:typed -out leaf.p12",
      );
      home.take("leaf.p12");
    };
    issue();
    home.useFiles("leaf.p12");
    assert.equal(await listed(home), "-");
    const { Secret } = await import("../../src/secret.ts");
    const typing = {
      isAvailable: () => Promise.resolve(true),
      write: () => Promise.resolve(),
      ask: () => Promise.resolve(new Secret("typed")),
      dropTyped: () => Promise.resolve(),
    };
    const use = () => home.runOn((host) => ({ ...host, terminal: typing }), ...EXPORT);
    assert.equal((await use()).code, 0);
    assert.match(await listed(home), /^certificate until 20\d\d-\d\d-\d\dT[\d:]+Z$/);
    const cached = await home.succeed("export", "--no-prompt", "--format=json", "work");
    assert.match(
      cached.stderr,
      /^note: The certificate of profile "work" expires in 9 days, at .*Z\n$/,
    );
    assert.deepEqual(home.aws.takeCalls(), [CALL]);
    home.authority.issue("leaf");
    issue();
    assert.equal(await listed(home), "-");
    assert.equal((await use()).stderr, "");
    assert.match(await listed(home), /^certificate until /);
  },
});

Deno.test({
  ...requireOpenssl(),
  name: "add of a certificate refuses what does not fit together, and writes nothing",
  async fn() {
    await using home = await AnywhereHome.with();
    const { authority } = home;
    authority.issue("other");
    authority.issue("ended", { days: -1 });
    authority.issue("ed", { key: "Ed25519" });
    home.take("other.key");
    home.take("ended.pem");
    home.take("ended.key");
    home.take("ed.pem");
    home.take("ed.key");
    home.write("empty.pem", "");
    home.write("odd.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    home.write("cut.p12", "\x30\x03\x02\x01\x03");
    const file = (name: string) => `${home.path}/${name}`;
    const cases: [string[], number, RegExp][] = [
      [["--private-key", file("key.pem")], 2, /--private-key needs --certificate$/],
      [["--delete-source"], 2, /--delete-source needs --certificate$/],
      [["--env", "--certificate", file("cert.pem")], 2, /--env is for access keys, not for a/],
      [["--certificate", file("cert.pem")], 1, /cert\.pem": there is no private key for it$/],
      [["--certificate", file("key.pem")], 1, /key\.pem": there is no certificate in it$/],
      [["--certificate", file("none.pem")], 1, /none\.pem": there is no such file$/],
      [["--certificate", file("empty.pem")], 1, /there is neither a certificate nor a private/],
      [["--certificate", file("odd.pem"), "--private-key", file("key.pem")], 1, /odd\.pem": it is/],
      [["--certificate", file("cut.p12")], 1, /cut\.p12": /],
      [
        ["--certificate", file("cert.pem"), "--private-key", file("other.key")],
        1,
        /the private key is not that of the certificate$/,
      ],
      [
        ["--certificate", file("ended.pem"), "--private-key", file("ended.key")],
        1,
        /ended\.pem": it expired at /,
      ],
      [
        ["--certificate", file("ed.pem"), "--private-key", file("ed.key")],
        1,
        /its private key is neither RSA nor of curve P-256 or P-384$/,
      ],
    ];
    for (const [flags, code, said] of cases) {
      const run = await home.run("add", ...flags, "fresh");
      const first = run.stderr.split("\n")[0]!;
      assert.match(first, said);
      assert.deepEqual([first.startsWith("error: "), run.code], [true, code], run.stderr);
      assert.equal(run.stderr.match(/^error:/gm)?.length, 1);
      assert.doesNotMatch(run.stderr, /\bat .*\.ts:/);
    }
    assert.equal((await home.succeed("list", "--credentials")).stdout, "");
    assert.equal(home.read(".aws/config")?.includes("fresh"), false);
    assert.notEqual(home.read("key.pem"), undefined);
  },
});

Deno.test({
  ...requireOpenssl(),
  name: "a passphrase that is typed opens the file, and Ctrl-C stores nothing",
  async fn() {
    await using home = await AnywhereHome.with();
    home.authority.openssl(
      "pkcs12 -export -inkey leaf.key -in leaf.pem -certfile issuer.pem -passout pass:typed -out leaf.p12",
    );
    home.take("leaf.p12");
    const { Secret } = await import("../../src/secret.ts");
    const asked: string[] = [];
    const run = await home.runOn(
      (host) => ({
        ...host,
        terminal: {
          isAvailable: () => Promise.resolve(true),
          write: () => Promise.resolve(),
          ask: (question, options) => {
            asked.push(`${question} ${options?.hidden}`);
            return Promise.resolve(new Secret("typed"));
          },
          dropTyped: () => Promise.resolve(),
        },
      }),
      "add",
      "--certificate",
      `${home.path}/leaf.p12`,
      "--delete-source",
      "work",
    );
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(asked, [`Passphrase of ${home.path}/leaf.p12:  true`]);
    assert.equal(home.read("leaf.p12"), undefined);
    await home.succeed(...EXPORT);
    assert.deepEqual(home.aws.takeCalls(), [CALL]);
  },
});
