/** Others put things in place of the state folder, its locks and its database, or can write there. */

import assert from "node:assert/strict";
import { startFakeAws } from "../servers/fake_aws.ts";
import { requireService, runs } from "../services.ts";
import { type Finished, Victim } from "./victim.ts";

const posix = requireService("POSIX files", runs("mkfifo", "--version"), "Linux");
const root = requireService(
  "root",
  Deno.uid() === 0,
  "run as root, to make another user's folders",
);

/** A victim with a stored key, and an AWS that gives sessions. */
function attack(
  name: string,
  service: { ignore: boolean },
  body: (victim: Victim) => Promise<void>,
): void {
  Deno.test({
    name: `the state folder: ${name}`,
    ...service,
    async fn() {
      await using aws = await startFakeAws({ users: [{ name: "work" }] });
      const { id, secret } = aws.user("work").key;
      using victim = new Victim({
        AWS_ACCESS_KEY_ID: id,
        AWS_SECRET_ACCESS_KEY: secret,
        AWS_ENDPOINT_URL: aws.url,
      });
      assert.equal((await victim.add("work")).code, 0);
      await body(victim);
    },
  });
}

const exported = (victim: Victim) => victim.run("export", "--format=json", "work");

/** A session anyway, uncached, and one warning that says what to do. */
function assertUncached({ code, stdout, stderr }: Finished, warning: string): void {
  assert.deepEqual({ code, stderr }, {
    code: 0,
    stderr: `warning: Continuing without the session cache: ${warning}\n`,
  });
  assert.match(JSON.parse(stdout).AccessKeyId, /^ASIA/);
}

attack("one that others may write is not used, and nothing is in it", posix, async (victim) => {
  await Deno.remove(victim.state, { recursive: true });
  for (const mode of [0o777, 0o770, 0o702]) {
    await Deno.mkdir(victim.state);
    await Deno.chmod(victim.state, mode);
    assertUncached(
      await exported(victim),
      `Cannot use the folder "~/.awsvault/state": others may write to it (mode 0${
        mode.toString(8)
      }); run: chmod go-w ~/.awsvault/state`,
    );
    assert.equal(victim.names(".awsvault/state").includes("sessions.db"), false);
    await Deno.remove(victim.state, { recursive: true });
  }
  // With a database in it, too.
  assert.equal((await exported(victim)).code, 0);
  await Deno.chmod(victim.state, 0o777);
  assertUncached(
    await exported(victim),
    '"~/.awsvault/state/sessions.db": its folder "~/.awsvault/state" cannot be used: ' +
      "others may write to it (mode 0777); run: chmod go-w ~/.awsvault/state",
  );
  await Deno.chmod(victim.state, 0o700);
  assert.equal((await exported(victim)).stderr, "");
});

attack("another user's is not used", root, async (victim) => {
  assert.equal((await exported(victim)).code, 0);
  await Deno.chown(victim.state, 12_345, 12_345);
  assertUncached(
    await exported(victim),
    '"~/.awsvault/state/sessions.db": its folder "~/.awsvault/state" cannot be used: it belongs to ' +
      "another user (uid 12345); run this as that user, or set AWS_VAULT_STATE_DIR to a folder of your own",
  );
});

attack("a link in its place, or the database's, is not followed", posix, async (victim) => {
  await Deno.remove(victim.state, { recursive: true });
  await Deno.mkdir(`${victim.home}/other`, { mode: 0o700 });
  const fix = "remove it, or set AWS_VAULT_STATE_DIR to a folder of your own";
  await Deno.symlink("../other", victim.state);
  assertUncached(
    await exported(victim),
    `Cannot use the folder "~/.awsvault/state": it is a symbolic link; ${fix}`,
  );
  assert.equal(victim.names("other").includes("sessions.db"), false);
  await Deno.remove(victim.state);
  victim.write("other/sessions.db", "");
  for (const to of ["../../other/sessions.db", "../../other/none"]) {
    await Deno.mkdir(victim.state, { recursive: true, mode: 0o700 });
    await Deno.symlink(to, `${victim.state}/sessions.db`);
    assertUncached(
      await exported(victim),
      `"~/.awsvault/state/sessions.db": it is a symbolic link; ${fix}`,
    );
    await Deno.remove(victim.state, { recursive: true });
  }
  assert.deepEqual([victim.read("other/sessions.db"), victim.names("other").includes("none")], [
    "",
    false,
  ]);
});

/** What is in a lock's place, and what the program says of it. */
const IN_PLACE: readonly [plant: (path: string) => Promise<unknown>, what: string][] = [
  [(path) => new Deno.Command("mkfifo", { args: [path] }).output(), "a pipe"],
  [(path) => Deno.symlink("/dev/zero", path), "a symbolic link"],
  [(path) => Deno.symlink("none", path), "a symbolic link"],
  [(path) => Deno.mkdir(path), "a folder"],
];

function assertRefused({ code, stderr }: Finished, lock: string, what: string): void {
  assert.deepEqual({ code, stderr }, {
    code: 1,
    stderr: `error: Cannot use the lock file "${lock}": it is ${what} and not a plain file\n` +
      "hint: aws-vault does not create such a thing: find out who put it there, and remove it\n",
  });
}

attack("what is not a file in a lock's place is an error at once", posix, async (victim) => {
  const clear = () => Deno.remove(victim.state, { recursive: true });
  await clear();
  assert.equal((await exported(victim)).code, 0);
  // The lock of the session; others (the data key's) are not taken by every call.
  const isSession = (name: string) => /^session-[0-9a-f]{64}\.lock$/.test(name);
  const [name = ""] = victim.names(".awsvault/state/locks").filter(isSession);
  for (const [plant, what] of IN_PLACE) {
    await clear();
    await Deno.mkdir(`${victim.state}/locks`, { recursive: true, mode: 0o700 });
    await plant(`${victim.state}/locks/${name}`);
    assertRefused(await exported(victim), `~/.awsvault/state/locks/${name}`, what);
    assert.deepEqual(victim.names(".awsvault/state/locks"), [name]);
  }
});

attack("a folder of locks that others may write, or a link, is said", posix, async (victim) => {
  assert.equal((await exported(victim)).code, 0);
  const locks = `${victim.state}/locks`;
  await Deno.chmod(locks, 0o777);
  const writable =
    '"~/.awsvault/state/locks": others may write to it (mode 0777); run: chmod go-w ~/.awsvault/state/locks';
  for (const line of [["rotate", "--dry-run", "-n", "work"], ["add", "--env", "--force", "work"]]) {
    const { code, stderr } = await victim.run(...line);
    const [warning] = stderr.split("\n");
    assert.deepEqual([code, warning], [
      0,
      `warning: Continuing without locks: cannot use the folder ${writable}`,
    ]);
  }
  await Deno.rename(locks, `${victim.home}/elsewhere`);
  await Deno.chmod(`${victim.home}/elsewhere`, 0o700);
  await Deno.symlink(`${victim.home}/elsewhere`, locks);
  const { stderr } = await victim.run("rotate", "--dry-run", "-n", "work");
  assert.match(
    stderr,
    /^warning: Continuing without locks: cannot use the folder .*: it is a symbolic link;/,
  );
});

attack("the same for the lock of the file store", posix, async (victim) => {
  const lock = `${victim.home}/.awsvault/keys.lock`;
  for (const [plant, what] of IN_PLACE) {
    await Deno.remove(lock);
    await plant(lock);
    assertRefused(await victim.add("work"), "~/.awsvault/keys.lock", what);
    assert.deepEqual(victim.names(".awsvault/keys").includes(".lock"), false);
  }
});

attack("what is not a file in the memory's place is not read", posix, async (victim) => {
  const memory = `${victim.state}/backend.json`;
  // What is chosen without being named is remembered.
  victim.env["AWS_VAULT_BACKEND"] = "";
  assert.equal((await victim.run("list", "--credentials")).code, 0);
  for (const [plant] of IN_PLACE) {
    await Deno.remove(memory).catch(() => {});
    await plant(memory);
    assert.deepEqual(await victim.run("list", "--credentials"), {
      code: 0,
      stdout: "work\n",
      stderr: "",
    });
  }
});

attack("root makes and uses none that another user's link leads to", root, async (victim) => {
  const inside = `${victim.home}/etc`;
  const link = `${victim.home}/home`;
  await Deno.mkdir(inside);
  await Deno.symlink("etc", link);
  await new Deno.Command("chown", { args: ["-h", "12346", link] }).output();
  const reason = "its path leads through a symbolic link that another user made (uid 12346); " +
    "name the file that it points to";
  victim.env["AWS_VAULT_STATE_DIR"] = `${link}/state`;
  assertUncached(
    await exported(victim),
    `Cannot create the folder "~/home/state": ${reason}`,
  );
  assert.deepEqual(victim.names("etc"), []);
  // Nor one of root's that is there, private as it is.
  await Deno.mkdir(`${inside}/state`, { mode: 0o700 });
  assertUncached(await exported(victim), `Cannot create the folder "~/home/state": ${reason}`);
  assert.deepEqual(victim.names("etc/state"), []);
  // And none for keys.
  victim.env["AWS_VAULT_FILE_DIR"] = `${link}/keys`;
  const { code, stderr } = await victim.add("work");
  assert.deepEqual([code, stderr.split("\n").find((line) => line.startsWith("error: "))], [
    1,
    `error: Cannot create the folder "~/home/keys": ${reason}`,
  ]);
  assert.deepEqual(victim.names("etc"), ["state"]);
});
