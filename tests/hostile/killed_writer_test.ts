/**
 * A writer that is killed leaves a temporary file, which can hold plain keys: the next writer there
 * removes it, and never one whose writer is alive.
 */

import assert from "node:assert/strict";
import { openFileCalls } from "../../src/system/ffi/file_calls.ts";
import { systemFiles } from "../../src/system/files.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import { requireService } from "../services.ts";
import { hasPass, makeGpgHome, PASS_INSTALL } from "../services/gpg.ts";
import { firstLine } from "../services/program_output.ts";
import { launch, SAME_ROUNDS, sourceWords } from "../process/launch.ts";
import { holds } from "../stories/leaks.ts";
import { KEY_ID, SECRET_KEY, Victim } from "./victim.ts";

const posix = requireService("flock", Deno.build.os !== "windows", "Linux or macOS");
const pass = requireService("pass", hasPass(), PASS_INSTALL);

const DEAD = ".aws-vault-0123456789abcdef.tmp";
const url = (path: string) => JSON.stringify(import.meta.resolve(path));

/** Names that only look like ours, and what is not a file. */
const OTHERS = [
  ".aws-vault-0123.tmp",
  "notes.tmp",
  // On Windows the two are one file.
  ...Deno.build.os === "windows" ? [] : [".aws-vault-0123456789ABCDEF.tmp"],
];

Deno.test("a dead temporary file is removed wherever something is written", async () => {
  await using aws = await startFakeAws({ users: [{ name: "work" }] });
  const { id, secret } = aws.user("work").key;
  using victim = new Victim({
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_ENDPOINT_URL: aws.url,
  });
  assert.equal((await victim.add("first")).code, 0);
  assert.equal((await victim.run("export", "--format=json", "first")).code, 0);
  const folders = [".aws", ".awsvault/keys", ".awsvault/state/locks"];
  for (const folder of folders) {
    for (const name of [DEAD, ...OTHERS]) victim.write(`${folder}/${name}`, secret);
  }
  assert.equal((await victim.add("work")).code, 0);
  assert.equal((await victim.run("export", "--format=json", "work")).code, 0);
  for (const folder of folders) {
    const left = victim.names(folder).filter((name) => name.endsWith(".tmp"));
    assert.deepEqual(left, OTHERS.toSorted(), folder);
  }
  // Removing a key is a write in the store.
  victim.write(`.awsvault/keys/${DEAD}`, secret);
  assert.equal((await victim.run("remove", "--force", "work")).code, 0);
  assert.equal(victim.names(".awsvault/keys").includes(DEAD), false);
});

/** The program, which dies before the new credentials file takes the place of the old one. */
const KILLED_MAIN = `
import { openFileCalls } from ${url("../../src/system/ffi/file_calls.ts")};
import { BACKENDS } from ${url("../../backends/mod.ts")};
import { run } from ${url("../../src/cli/run.ts")};
import { systemHost } from ${url("../../src/system/host.ts")};
const calls = openFileCalls();
const { renameat } = calls;
calls.renameat = (folder, from, to) => {
  if (to === "credentials") Deno.kill(Deno.pid, "SIGKILL");
  return renameat(folder, from, to);
};
Deno.exit(await run(Deno.args, systemHost(), BACKENDS));
`;

Deno.test({
  name: "an import that is killed leaves no plain key behind the next one",
  ...posix,
  async fn() {
    using victim = new Victim();
    const plain = (name: string) =>
      `[${name}]\naws_access_key_id = ${KEY_ID}\naws_secret_access_key = ${SECRET_KEY}\n`;
    victim.write(".aws/credentials", plain("other") + plain("work"));
    const script = victim.write("main.ts", KILLED_MAIN);
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const words = sourceWords(script, ...SAME_ROUNDS, `--config=${config}`);
    const killed = await launch(
      ["import", "--delete-source", "--profile=other"],
      victim.env,
      words,
    ).finished;
    assert.equal(killed.code, 137, killed.stderr);
    const [left = ""] = temporaries(victim);
    assert(
      holds(victim.read(`.aws/${left}`), SECRET_KEY),
      "nothing is left: the test tries nothing",
    );
    const next = await victim.run("import", "--delete-source");
    assert.equal(next.code, 0, next.stderr);
    assert.deepEqual(victim.names(".aws"), ["config", "credentials"]);
    assert(!holds(victim.read(".aws/credentials"), SECRET_KEY));
  },
});

const temporaries = (victim: Victim) =>
  victim.names(".aws").filter((name) => name.endsWith(".tmp"));

Deno.test({
  name: "a temporary file in a password store is removed, with the empty folder that it is in",
  ...pass,
  async fn() {
    await using gpg = await makeGpgHome();
    using victim = new Victim({ ...gpg.env, AWS_VAULT_BACKEND: "pass" });
    victim.env["HOME"] = victim.home;
    assert.equal((await victim.add("team/work")).code, 0);
    const dead = `${gpg.store}/team/${DEAD}`;
    await Deno.writeTextFile(dead, "half");
    assert.equal((await victim.add("team/work")).code, 0);
    await assert.rejects(Deno.stat(dead), Deno.errors.NotFound);
    await Deno.writeTextFile(dead, "half");
    assert.equal((await victim.run("remove", "--force", "team/work")).code, 0);
    await assert.rejects(Deno.stat(`${gpg.store}/team`), Deno.errors.NotFound);
  },
});

/** A process that stops in the middle of a write, says so, and goes on when its standard input ends. */
const STOPPED_WRITER = `
import { openFileCalls } from ${url("../../src/system/ffi/file_calls.ts")};
import { systemFiles } from ${url("../../src/system/files.ts")};
const calls = openFileCalls();
const { write } = calls;
calls.write = (...args) => {
  Deno.stdout.writeSync(new TextEncoder().encode("writing\\n"));
  Deno.stdin.readSync(new Uint8Array(1));
  return write(...args);
};
systemFiles().writeWhole(Deno.args[0], "theirs");
`;

Deno.test({
  name: "a living writer's temporary file stays, and its write comes to its end",
  ...posix,
  async fn() {
    using victim = new Victim();
    const script = victim.write("writer.ts", STOPPED_WRITER);
    const path = `${victim.home}/.aws/config`;
    await Deno.mkdir(`${victim.home}/.aws`);
    const writer = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "-q", "--no-check", script, path],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    assert.equal(await firstLine(writer.stdout), "writing");
    assert.equal(temporaries(victim).length, 1);
    const own = victim.write(`.aws/${DEAD}`, "half");
    systemFiles().writeWhole(path, "ours");
    await assert.rejects(Deno.stat(own), Deno.errors.NotFound);
    assert.equal(temporaries(victim).length, 1);
    await writer.stdin.close();
    assert.equal((await writer.status).code, 0);
    assert.deepEqual([victim.read(".aws/config"), temporaries(victim)], ["theirs", []]);
  },
});

Deno.test({
  name: "a writer whose file is taken for a dead one's before it is locked takes another",
  ...posix,
  fn() {
    using victim = new Victim();
    const calls = openFileCalls()!;
    const { flock } = calls;
    let thefts = 0;
    calls.flock = (descriptor) => {
      if (thefts++ < 2) Deno.removeSync(`${victim.home}/${nameOf(victim)}`);
      return flock(descriptor);
    };
    try {
      systemFiles().writeWhole(`${victim.home}/config`, "new");
    } finally {
      calls.flock = flock;
    }
    assert.deepEqual([victim.read("config"), victim.names(""), thefts], ["new", ["config"], 3]);
  },
});

Deno.test({
  name: "a killed writer's file is one at each look, also where a child has just been forked",
  ...posix,
  fn() {
    using victim = new Victim();
    victim.write(DEAD, "half");
    const calls = openFileCalls()!;
    const { close } = calls;
    const inherited: number[] = [];
    // What the child holds until its execve.
    calls.close = (descriptor) => inherited.push(descriptor);
    try {
      const files = systemFiles();
      assert.deepEqual(files.leftovers(victim.home), [DEAD]);
      assert.deepEqual(files.leftovers(victim.home), [DEAD]);
      files.sweep(victim.home);
    } finally {
      calls.close = close;
      for (const descriptor of inherited) close(descriptor);
    }
    assert.deepEqual(victim.names(""), []);
  },
});

const nameOf = (victim: Victim) => victim.names("").find((name) => name.endsWith(".tmp"))!;

Deno.test({
  name:
    "what is planted under the name of a temporary file is not followed, opened forever or emptied",
  ...posix,
  async fn() {
    using victim = new Victim();
    const target = victim.write("target", "theirs");
    await Deno.symlink(target, `${victim.home}/.aws-vault-00000000000000aa.tmp`);
    await Deno.mkdir(`${victim.home}/.aws-vault-00000000000000bb.tmp`);
    const pipe = `${victim.home}/.aws-vault-00000000000000cc.tmp`;
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    systemFiles().writeWhole(`${victim.home}/config`, "new");
    assert.deepEqual([victim.read("config"), victim.read("target")], ["new", "theirs"]);
    assert.deepEqual(victim.names("").filter((name) => name.endsWith("aa.tmp")).length, 1);
  },
});

/** Changes the database, more than memory is given for, and dies before the commit. */
const KILLED_TRANSACTION = `
import { DatabaseSync } from "node:sqlite";
const database = new DatabaseSync(Deno.args[0]);
database.exec("PRAGMA cache_size = 2; BEGIN IMMEDIATE; DELETE FROM sessions; CREATE TABLE t (x)");
for (let at = 0; at < 500; at++) database.exec("INSERT INTO t VALUES (randomblob(1000))");
Deno.kill(Deno.pid, "SIGKILL");
`;

Deno.test("the journal of a killed database write is played back by the next call, and gone", async () => {
  await using aws = await startFakeAws({ users: [{ name: "work" }] });
  const { id, secret } = aws.user("work").key;
  using victim = new Victim({
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_ENDPOINT_URL: aws.url,
  });
  assert.equal((await victim.add("work")).code, 0);
  const first = await victim.run("export", "--format=json", "work");
  assert.equal(aws.takeCalls().length, 1);
  const script = victim.write("kill.ts", KILLED_TRANSACTION);
  const database = `${victim.state}/sessions.db`;
  const size = Deno.statSync(database).size;
  const { signal, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", "--no-check", script, database],
  }).output();
  assert.deepEqual([success, signal], [false, Deno.build.os === "windows" ? null : "SIGKILL"]);
  assert(Deno.statSync(`${database}-journal`).size > 0, "no journal: the test tries nothing");
  assert(Deno.statSync(database).size > size, "nothing was written: the test tries nothing");
  assert.deepEqual(await victim.run("export", "--format=json", "work"), first);
  assert.deepEqual(aws.takeCalls(), []);
  const left = victim.names(".awsvault/state").filter((name) => name.startsWith("sessions"));
  assert.deepEqual(left, ["sessions.db"]);
});
