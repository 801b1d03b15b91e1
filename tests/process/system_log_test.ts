/** The record in the system's own logs: a real journald, in a namespace of the test's own. */

import assert from "node:assert/strict";
import { Home, NOT_ON_WINDOWS } from "../home.ts";
import { requireService, runs } from "../services.ts";
import { inNamespace, openCachedHome, programLine, requireNamespace } from "./namespace.ts";

const RECORD = ".awsvault/state/uses.jsonl";
const JOURNALD = "/lib/systemd/systemd-journald";

function requireJournald(): { ignore: boolean } {
  const namespace = requireNamespace();
  if (namespace.ignore) return namespace;
  return requireService(
    "a journal (systemd-journald, journalctl)",
    runs("sh", "-c", `test -x ${JOURNALD} && journalctl --version`),
    "apt-get install systemd",
  );
}

Deno.test({
  ...requireJournald(),
  name: "AWS_VAULT_LOG=journald: the journal has each use, and finds it by its key",
  async fn() {
    await using home = await openCachedHome();
    const before = home.read(RECORD)!;
    const { accessKeyId } = JSON.parse(before);
    const lines = await inNamespace(
      home,
      `mount -t tmpfs none /run && mkdir -p /run/systemd/journal /run/log
       ${JOURNALD} 2>journald & journald=$!
       until test -S /run/systemd/journal/socket; do :; done
       AWS_VAULT_LOG=journald; export AWS_VAULT_LOG
       ${programLine()} export work >export || echo failed
       AWS_VAULT_LOG=JournalD exec_with work -- echo child
       journalctl --sync
       journalctl -q --no-pager -t aws-vault -o cat
       journalctl -q --no-pager -o cat AWS_VAULT_ACCESS_KEY_ID=${accessKeyId} AWS_VAULT_PROFILE=work | wc -l
       kill $journald`,
    );
    const [child, ...rest] = lines;
    assert.equal(child, "child", lines.join("\n"));
    const uses = rest.slice(0, 2).map((line) => JSON.parse(line));
    const found = uses.map(({ profile, accessKeyId, by, how }) => [profile, accessKeyId, by, how]);
    assert.deepEqual([found, ...rest.slice(2)], [[
      ["work", accessKeyId, "export", "cached"],
      ["work", accessKeyId, "exec", "cached"],
    ], "2"]);
    assert.equal(home.read(RECORD), before);
  },
});

async function openHome(): Promise<Home> {
  const home = await Home.open();
  home.write(".aws/config", "[profile work]\n");
  await home.as("work").succeed("add", "--env", "work");
  delete home.env["AWS_ACCESS_KEY_ID"];
  delete home.env["AWS_SECRET_ACCESS_KEY"];
  return home;
}

/** Exports on a host whose log takes datagrams or does not, and gives those that were sent. */
async function exportTo(
  home: Home,
  takes: (path: string) => boolean,
  words: readonly string[] = ["work"],
) {
  const sent: [path: string, text: string][] = [];
  const send = (path: string, bytes: Uint8Array<ArrayBuffer>) => {
    sent.push([path, new TextDecoder().decode(bytes)]);
    return Promise.resolve(takes(path));
  };
  const { code, stderr } = await home.runOn(
    (host) => ({ ...host, sockets: { ...host.sockets, send } }),
    ...["export", ...words],
  );
  return { code, stderr, sent };
}

Deno.test("AWS_VAULT_LOG=syslog: a message of its own facility, and the file where there is no syslog", async () => {
  await using home = await openHome();
  home.env["AWS_VAULT_LOG"] = "syslog";
  const { code, stderr, sent } = await exportTo(home, (path) => path === "/var/run/syslog");
  assert.deepEqual([code, stderr, sent.map(([path]) => path)], [0, "", [
    "/dev/log",
    "/var/run/syslog",
  ]]);
  const [, line = ""] = /^<86>aws-vault\[\d+\]: (\{.*\})$/.exec(sent[1]![1])!;
  assert.equal(JSON.parse(line).profile, "work");
  assert.equal(home.read(RECORD), undefined);
  const elsewhere = await exportTo(home, () => false);
  assert.deepEqual([elsewhere.code, elsewhere.stderr], [
    0,
    "warning: There is no syslog here: this use is recorded in the file\n",
  ]);
  assert.equal(home.read(RECORD)?.split("\n").length, 2);
});

Deno.test(
  "AWS_VAULT_LOG that is misspelt records in the file, and says so",
  NOT_ON_WINDOWS,
  async () => {
    await using home = await openHome();
    home.env["AWS_VAULT_LOG"] = "journal";
    const { stderr, sent } = await exportTo(home, () => true);
    assert.deepEqual([stderr, sent], [
      "warning: AWS_VAULT_LOG=journal is not one of off, journald and syslog: this use is recorded in the file\n",
      [],
    ]);
    assert.equal(home.read(RECORD)?.split("\n").length, 2);
    home.env["AWS_VAULT_LOG"] = "OFF";
    assert.equal((await exportTo(home, () => true)).stderr, "");
    assert.equal(home.read(RECORD)?.split("\n").length, 2);
  },
);

Deno.test(
  "--oidc leaves no file: its use is in a log of the system where one is named",
  NOT_ON_WINDOWS,
  async () => {
    await using home = await Home.open({ roles: [{ name: "job", subjects: ["a"] }] });
    home.env["TOKEN"] = home.aws.webIdentityToken({ sub: "a" });
    const role = "arn:aws:iam::111122223333:role/job";
    const words = ["--oidc", "env:TOKEN", "--role-arn", role];
    const said: string[] = [];
    for (const word of ["syslog", "syslog", "journal", "off", ""]) {
      home.env["AWS_VAULT_LOG"] = word;
      const isThere = said.length === 0;
      const { code, stderr, sent } = await exportTo(home, () => isThere, words);
      assert.equal(code, 0, stderr);
      said.push(stderr);
      if (!isThere) continue;
      const use = JSON.parse(sent[0]![1].replace(/^[^{]*/, ""));
      const { profile, how, by } = use;
      assert.deepEqual([profile, use.role, how, by], [
        "oidc:env",
        role,
        "AssumeRoleWithWebIdentity",
        "export",
      ]);
    }
    assert.deepEqual(said, [
      "",
      "warning: There is no syslog here: this use is not recorded\n",
      "warning: AWS_VAULT_LOG=journal is not one of off, journald and syslog: this use is not recorded\n",
      "",
      "",
    ]);
    assert.deepEqual([...Deno.readDirSync(home.path)].map(({ name }) => name), []);
  },
);
