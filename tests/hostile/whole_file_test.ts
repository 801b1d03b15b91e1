/**
 * Who can write in the folder of a file that is replaced tries to turn mode, owner or content to a file
 * of his choice. The attacker works between two steps of the write, by a hook in the calls.
 */

import assert from "node:assert/strict";
import { planAttributes, requireTrustedLinks } from "../../src/system/file_owner.ts";
import { type FileCalls, openFileCalls } from "../../src/system/ffi/file_calls.ts";
import { systemFiles } from "../../src/system/files.ts";
import { requireService, runs } from "../services.ts";
import { Victim } from "./victim.ts";

const posix = requireService("POSIX files", Deno.build.os !== "windows", "Linux or macOS");
const root = requireService(
  "root",
  Deno.uid() === 0 && runs("setpriv", "--version"),
  "run as root",
);
const TEMPORARY = /^\.aws-vault-[0-9a-f]{16}\.tmp$/;

function inFolder(body: (folder: string) => void): () => void {
  return () => {
    const folder = Deno.makeTempDirSync({ prefix: "hostile-files-" });
    try {
      body(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
}

const about = (path: string) => {
  const { mode, uid, gid } = Deno.lstatSync(path);
  return { mode: mode! & 0o7777, uid, gid, text: Deno.readTextFileSync(path) };
};

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** Calls the attacker before each step that is about the temporary file, however the program takes it. */
function attackingAtEachStep(attack: () => void, write: () => void): void {
  const calls = openFileCalls() as { -readonly [Name in keyof FileCalls]: FileCalls[Name] };
  const before = { ...calls };
  const deno = { chmodSync: Deno.chmodSync, chownSync: Deno.chownSync, statSync: Deno.statSync };
  const hooked = <F extends (...args: never[]) => unknown>(call: F): F =>
    ((...args) => (attack(), call(...args))) as F;
  calls.write = hooked(before.write);
  calls.fchown = hooked(before.fchown);
  calls.fchmod = hooked(before.fchmod);
  calls.renameat = hooked(before.renameat);
  for (const name of ["chmodSync", "chownSync"] as const) {
    (Deno[name] as unknown) = hooked(deno[name] as (...args: never[]) => unknown);
  }
  try {
    write();
  } finally {
    Object.assign(calls, before);
    Object.assign(Deno, deno);
  }
}

Deno.test({
  name: "a link in the place of the temporary file changes no other file's mode, owner or text",
  ...posix,
  fn: inFolder((folder) => {
    const victim = `${folder}/victim`;
    Deno.writeTextFileSync(victim, "theirs");
    Deno.chmodSync(victim, 0o640);
    Deno.mkdirSync(`${folder}/shared`);
    Deno.writeTextFileSync(`${folder}/shared/config`, "old");
    Deno.chmodSync(`${folder}/shared/config`, 0o606);
    const before = about(victim);
    let swaps = 0;
    const swap = () => {
      for (const name of namesIn(`${folder}/shared`).filter((name) => TEMPORARY.test(name))) {
        const path = `${folder}/shared/${name}`;
        if (Deno.lstatSync(path).isSymlink) continue;
        Deno.removeSync(path);
        Deno.symlinkSync(victim, path);
        swaps++;
      }
    };
    attackingAtEachStep(swap, () => systemFiles().writeWhole(`${folder}/shared/config`, "new"));
    assert.equal(swaps, 1);
    assert.deepEqual(about(victim), before);
  }),
});

Deno.test({
  name: "a folder that is swapped for a link during a write leads it nowhere else",
  ...posix,
  fn: inFolder((folder) => {
    for (const name of ["own", "other"]) {
      Deno.mkdirSync(`${folder}/${name}`);
      Deno.writeTextFileSync(`${folder}/${name}/config`, name);
    }
    let isSwapped = false;
    const swap = () => {
      if (isSwapped) return;
      isSwapped = true;
      Deno.renameSync(`${folder}/own`, `${folder}/moved`);
      Deno.symlinkSync("other", `${folder}/own`);
    };
    attackingAtEachStep(swap, () => systemFiles().writeWhole(`${folder}/own/config`, "new"));
    assert.equal(isSwapped, true);
    assert.equal(about(`${folder}/other/config`).text, "other");
    assert.deepEqual([about(`${folder}/moved/config`).text, namesIn(`${folder}/moved`)], [
      "new",
      ["config"],
    ]);
  }),
});

Deno.test({
  name: "an old file's set-user-ID bit does not come to the new one",
  ...posix,
  fn: inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/a`, "old");
    Deno.chmodSync(`${folder}/a`, 0o6755);
    systemFiles().writeWhole(`${folder}/a`, "new");
    assert.equal(about(`${folder}/a`).mode, 0o755);
  }),
});

Deno.test({
  name: "root keeps a file's owner in the owner's folder, and hands nothing over in a shared one",
  ...root,
  fn: inFolder((folder) => {
    Deno.chmodSync(folder, 0o755);
    const [alice, mallory] = [12_345, 12_346];
    const path = `${folder}/home/config`;
    Deno.mkdirSync(`${folder}/home`);
    const cases: [folderOwner: number, folderMode: number, isWritten: boolean][] = [
      [alice, 0o755, true],
      [0, 0o755, true],
      [alice, 0o775, false],
      [0, 0o1777, false],
      [mallory, 0o755, false],
    ];
    for (const [owner, mode, isWritten] of cases) {
      Deno.writeTextFileSync(path, "old");
      Deno.chownSync(path, alice, alice);
      Deno.chownSync(`${folder}/home`, owner, owner);
      Deno.chmodSync(`${folder}/home`, mode);
      let message = "";
      try {
        systemFiles().writeWhole(path, "new", { mode: 0o640 });
      } catch (error) {
        message = (error as Error).message;
      }
      const { uid, gid, text } = about(path);
      assert.deepEqual({ uid, gid, text }, {
        uid: alice,
        gid: alice,
        text: isWritten ? "new" : "old",
      });
      assert.equal(
        message,
        isWritten ? "" : `Cannot write "${path}": it belongs to another user (uid ${alice}) and ` +
          "others may write in its folder, so that root might hand it to the user who planted it; run this " +
          "without sudo, or remove the write permission of others on the folder",
      );
      assert.deepEqual(namesIn(`${folder}/home`), ["config"]);
    }
  }),
});

Deno.test({
  name: "another user's link does not choose which file is overwritten",
  ...root,
  async fn() {
    using victim = new Victim();
    const target = victim.write(".bashrc", "# mine\n");
    const config = `${victim.home}/shared/config`;
    Deno.mkdirSync(`${victim.home}/shared`);
    await Deno.symlink(target, config);
    await new Deno.Command("chown", { args: ["-h", "12346", config] }).output();
    victim.env["AWS_CONFIG_FILE"] = config;
    const { code, stderr } = await victim.add("work");
    assert.match(
      stderr,
      /Cannot write "~\/shared\/config": it is a symbolic link that another user made \(uid 12346\)/,
    );
    assert.deepEqual([code === 0, victim.read(".bashrc")], [false, "# mine\n"]);
  },
});

Deno.test({
  name: "another user's link in the place of a folder does not choose where root writes",
  ...root,
  fn: inFolder((folder) => {
    Deno.chmodSync(folder, 0o755);
    const alice = 12_345;
    for (const name of ["home", "home/dotfiles", "etc"]) {
      Deno.mkdirSync(`${folder}/${name}`, { mode: 0o755 });
    }
    for (const name of ["home", "home/dotfiles"]) Deno.chownSync(`${folder}/${name}`, alice, alice);
    const link = (to: string) => {
      Deno.symlinkSync(to, `${folder}/home/.aws`);
      const args = ["-h", `${alice}`, `${folder}/home/.aws`];
      assert(new Deno.Command("chown", { args }).outputSync().success);
    };
    const write = () => {
      try {
        systemFiles().writeWhole(`${folder}/home/.aws/config`, "new");
      } catch (error) {
        return (error as Error).message;
      }
      return "written";
    };
    link("../etc");
    assert.deepEqual([write(), namesIn(`${folder}/etc`)], [
      `Cannot write "${folder}/home/.aws/config": its path leads through a symbolic link that ` +
      `another user made (uid ${alice}); name the file that it points to`,
      [],
    ]);
    Deno.removeSync(`${folder}/home/.aws`);
    link("dotfiles");
    assert.deepEqual([write(), namesIn(`${folder}/home/dotfiles`)], ["written", ["config"]]);
  }),
});

Deno.test({
  name: "a folder that is swapped for a link before it is opened is none that root writes in",
  ...root,
  fn: inFolder((folder) => {
    for (const name of ["home", "etc"]) Deno.mkdirSync(`${folder}/${name}`);
    const calls = openFileCalls() as { -readonly [Name in keyof FileCalls]: FileCalls[Name] };
    const { open } = calls;
    const swap = (from: string, to: string) =>
      Deno.renameSync(`${folder}/${from}`, `${folder}/${to}`);
    calls.open = (...args) => {
      swap("home", "moved");
      Deno.symlinkSync("etc", `${folder}/home`);
      const descriptor = open(...args);
      Deno.removeSync(`${folder}/home`);
      swap("moved", "home");
      return descriptor;
    };
    try {
      assert.throws(() => systemFiles().writeWhole(`${folder}/home/config`, "new"), {
        message: `Cannot write "${folder}/home/config": its folder was replaced at this moment`,
      });
    } finally {
      calls.open = open;
    }
    assert.deepEqual([namesIn(`${folder}/home`), namesIn(`${folder}/etc`)], [[], []]);
  }),
});

Deno.test("planAttributes() and requireTrustedLinks() know whose files are whose", () => {
  const owned = (uid: number, mode = 0o644) => ({ uid, gid: uid, mode });
  const plan = (me: number, old: ReturnType<typeof owned> | undefined, folder = owned(0, 0o755)) =>
    planAttributes(() => folder, old, undefined, me);
  assert.deepEqual(plan(1, undefined), { mode: 0o600 });
  assert.deepEqual(plan(1, owned(1)), { mode: 0o644, group: 1 });
  assert.deepEqual(plan(1, owned(2)), { mode: 0o644, user: 2, group: 2 });
  assert.deepEqual(plan(0, owned(2)), { mode: 0o644, user: 2, group: 2 });
  assert.throws(() => plan(0, owned(2), owned(3, 0o755)), { name: "FileRefusal" });
  assert.throws(() => planAttributes(() => undefined, owned(2), undefined, 0), {
    name: "FileRefusal",
  });
  requireTrustedLinks([owned(1), owned(0)], owned(5), 1);
  requireTrustedLinks([owned(7)], owned(7), 0);
  assert.throws(() => requireTrustedLinks([owned(1), owned(7)], owned(1), 1), {
    name: "FileRefusal",
  });
  // A user's own link in his own folder, such as ~/.aws/config, serves root; one in /tmp does not.
  const link = (uid: number, folder: ReturnType<typeof owned>) => ({ ...owned(uid), folder });
  requireTrustedLinks([link(7, owned(7, 0o755))], owned(7), 0);
  requireTrustedLinks([link(7, owned(0, 0o1777))], owned(7), 7);
  for (const folder of [owned(0, 0o1777), owned(8, 0o755), owned(7, 0o775)]) {
    assert.throws(() => requireTrustedLinks([link(7, folder)], owned(7), 0), {
      name: "FileRefusal",
    });
  }
});
