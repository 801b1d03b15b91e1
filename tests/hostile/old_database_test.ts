/**
 * Attacks by an old copy of the session database, as a backup or somebody who can write to the state
 * folder puts it back: it has sessions of keys that were replaced or removed since.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fileNameOf } from "../../backends/file/names.ts";
import { Home, PASSPHRASE } from "../home.ts";

const DATABASE = ".awsvault/state/sessions.db";

/** A home with two users' keys and their sessions, and what its database was then. */
async function openHome(): Promise<{ home: Home; putBack: () => Promise<void> }> {
  const home = await Home.open({ users: [{ name: "work" }, { name: "other" }, { name: "new" }] });
  home.write(".aws/config", "[profile work]\n[profile other]\n");
  for (const name of ["work", "other"]) {
    await home.as(name).succeed("add", "--env", "--force", name);
    await home.succeed("export", name);
  }
  const path = `${home.path}/${DATABASE}`;
  const then = Deno.readFileSync(path);
  return { home, putBack: () => Deno.writeFile(path, then) };
}

/** Whether a session is in the cache: what AWS was asked for says it. */
async function isCached(home: Home, profile: string): Promise<boolean> {
  home.aws.takeCalls();
  await home.succeed("export", profile);
  return home.aws.takeCalls().length === 0;
}

/** The ways in which the key of `work` goes. */
const CHANGES: Readonly<Record<string, (home: Home) => Promise<unknown>>> = {
  "add --force": (home) => home.as("new").succeed("add", "--env", "--force", "work"),
  rotate: (home) => home.succeed("rotate", "work"),
  "another tool, and add": async (home) => {
    await Deno.remove(`${home.path}/.awsvault/keys/work`);
    await home.as("new").succeed("add", "--env", "work");
  },
  "another tool, and add while the database is away": async (home) => {
    await Deno.remove(`${home.path}/.awsvault/keys/work`);
    await Deno.remove(`${home.path}/${DATABASE}`);
    await home.as("new").succeed("add", "--env", "work");
  },
  "import --force": (home) => {
    const { id, secret } = home.aws.user("new").key;
    home.write("keys", `[work]\naws_access_key_id=${id}\naws_secret_access_key=${secret}\n`);
    return home.succeed("import", "--force", "--from", `${home.path}/keys`);
  },
};

for (const [what, change] of Object.entries(CHANGES)) {
  Deno.test(`an old database serves no session of a key that went by ${what}`, async () => {
    const { home, putBack } = await openHome();
    await using _ = home;
    assert.equal(await isCached(home, "work"), true);
    await change(home);
    await putBack();
    assert.deepEqual([await isCached(home, "work"), await isCached(home, "work")], [false, true]);
    assert.equal(await isCached(home, "other"), true);
  });
}

Deno.test("an old database serves no session of a key that was removed, with and without the passphrase", async () => {
  for (const passphrase of ["known", "unknown"]) {
    const { home, putBack } = await openHome();
    await using _ = home;
    if (passphrase === "unknown") delete home.env["AWS_VAULT_FILE_PASSPHRASE"];
    await home.succeed("remove", "--force", "work");
    home.env["AWS_VAULT_FILE_PASSPHRASE"] = PASSPHRASE;
    assert.equal(await isCached(home, "other"), passphrase === "known");
    await putBack();
    const { code, stdout } = await home.run("export", "work");
    assert.deepEqual([code, stdout], [3, ""]);
    assert.equal(await isCached(home, "other"), passphrase === "known");
  }
});

Deno.test("sessions under a data key that is gone are not listed", async () => {
  const { home } = await openHome();
  await using _ = home;
  const sessions = async () =>
    (await home.succeed("list", "--sessions")).stdout.trim().split("\n").length;
  assert.equal(await sessions(), 2);
  const os = Deno.build.os === "windows" ? "windows" : "linux";
  await Deno.remove(`${home.path}/.awsvault/keys/${fileNameOf("oidc:aws-vault-data-key", os)}`);
  assert.equal((await home.succeed("list", "--sessions")).stdout, "");
  assert.equal(/GetSessionToken/.test((await home.succeed("list")).stdout), false);
  // Also where nobody can open the keystore: that an item is there needs no passphrase.
  delete home.env["AWS_VAULT_FILE_PASSPHRASE"];
  for (const flags of [["--sessions"], [], ["--long"], ["--tree"], ["--json"]]) {
    const { stdout } = await home.succeed("list", "--no-prompt", ...flags);
    assert.equal(/GetSessionToken/.test(stdout), false, flags.join());
  }
  home.env["AWS_VAULT_FILE_PASSPHRASE"] = PASSPHRASE;
  await home.succeed("export", "work");
  assert.equal(await sessions(), 1);
});

/** The ways in which rows come under a data key that no longer opens them. */
const ORDERS: Readonly<Record<string, (home: Home) => Promise<void>>> = {
  "the state folder was away while a new data key was made": async (home) => {
    await Deno.rename(`${home.path}/.awsvault/state`, `${home.path}/away`);
    await Deno.remove(`${home.path}/.awsvault/keys/oidc:aws-vault-data-key`);
    await home.succeed("export", "other");
    await Deno.remove(`${home.path}/.awsvault/state`, { recursive: true });
    await Deno.rename(`${home.path}/away`, `${home.path}/.awsvault/state`);
  },
  "another state folder was used while a new data key was made": async (home) => {
    await Deno.remove(`${home.path}/.awsvault/keys/oidc:aws-vault-data-key`);
    home.env["AWS_VAULT_STATE_DIR"] = `${home.path}/other-state`;
    await home.succeed("export", "other");
    delete home.env["AWS_VAULT_STATE_DIR"];
  },
  "the database was put back after a new data key was made": async (home) => {
    const then = Deno.readFileSync(`${home.path}/${DATABASE}`);
    await Deno.remove(`${home.path}/.awsvault/keys/oidc:aws-vault-data-key`);
    await home.succeed("export", "other");
    await Deno.writeFile(`${home.path}/${DATABASE}`, then);
  },
  "the data key is damaged": (home) =>
    Deno.writeTextFile(`${home.path}/.awsvault/keys/oidc:aws-vault-data-key`, "x"),
};

for (const [what, happen] of Object.entries(ORDERS)) {
  Deno.test(`sessions are not listed where ${what}`, async () => {
    const { home } = await openHome();
    await using _ = home;
    await happen(home);
    const passphrase = home.env["AWS_VAULT_FILE_PASSPHRASE"]!;
    for (const isLocked of [true, false]) {
      if (isLocked) delete home.env["AWS_VAULT_FILE_PASSPHRASE"];
      else home.env["AWS_VAULT_FILE_PASSPHRASE"] = passphrase;
      for (const flags of [["--sessions"], [], ["--json"]]) {
        const { stdout } = await home.succeed("list", "--no-prompt", ...flags);
        assert.equal(/GetSessionToken/.test(stdout), false, `${flags} ${isLocked}`);
      }
    }
    await home.succeed("export", "work");
    delete home.env["AWS_VAULT_FILE_PASSPHRASE"];
    const { stdout } = await home.succeed("list", "--sessions", "--no-prompt");
    home.env["AWS_VAULT_FILE_PASSPHRASE"] = passphrase;
    assert.match(stdout, /^GetSessionToken:\S+ work\n$/);
  });
}

Deno.test("a session is not listed where a row says another data key, or another keystore's", async () => {
  const changes = [
    "UPDATE sessions SET key_id = '0000000000000000' WHERE profile = 'work'",
    "DELETE FROM data_keys; UPDATE sessions SET key_id = '0' WHERE profile = 'work'",
    "INSERT INTO data_keys VALUES ('1', 'pass /elsewhere'); " +
    "UPDATE sessions SET key_id = '1' WHERE profile = 'work'",
  ];
  for (const change of changes) {
    const { home } = await openHome();
    await using _ = home;
    using database = new DatabaseSync(`${home.path}/${DATABASE}`);
    database.exec(change);
    for (const isLocked of [false, true]) {
      if (isLocked) delete home.env["AWS_VAULT_FILE_PASSPHRASE"];
      const { stdout, stderr } = await home.succeed("list", "--sessions", "--no-prompt");
      assert.match(stdout, /^GetSessionToken:\S+ other\n$/, change);
      assert.equal(stderr, "", change);
    }
  }
});

Deno.test("a locked store lists the sessions of its data key, also under a new passphrase", async () => {
  const { home } = await openHome();
  await using _ = home;
  const passphrase = home.env["AWS_VAULT_FILE_PASSPHRASE"]!;
  home.env["NEW"] = `${passphrase}-2`;
  for (const words of [[], ["change-passphrase", "--new-passphrase-command", "echo $NEW"]]) {
    if (words.length > 0) await home.succeed(...words);
    delete home.env["AWS_VAULT_FILE_PASSPHRASE"];
    const { stdout } = await home.succeed("list", "--sessions", "--no-prompt");
    assert.equal(stdout.trim().split("\n").length, 2);
    home.env["AWS_VAULT_FILE_PASSPHRASE"] = passphrase;
  }
});

Deno.test("a session of before a key was changed is not listed once its row is put back", async () => {
  const { home, putBack } = await openHome();
  await using _ = home;
  await home.succeed("rotate", "work");
  await putBack();
  assert.match((await home.succeed("list", "--sessions")).stdout, /^GetSessionToken:\S+ other\n$/);
});
