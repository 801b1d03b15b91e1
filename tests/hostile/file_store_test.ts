/** A file store that others can write to: links in it must not reach other files. */

import assert from "node:assert/strict";
import { requireService } from "../services.ts";
import { KEY_ID, Victim } from "./victim.ts";

const links = requireService("symbolic links", Deno.build.os !== "windows", "Linux or macOS");

Deno.test(
  "a planted folder of a change of passphrase moves and removes nothing",
  links,
  async () => {
    using victim = new Victim();
    assert.equal((await victim.add("work")).code, 0);
    for (const name of ["id_ed25519", "%complete"]) {
      victim.write(".ssh/id_ed25519", "mine");
      victim.write(`.ssh/${name}`, "mine");
      const change = `${victim.home}/.awsvault/keys/.aws-vault-change`;
      await Deno.symlink("../../.ssh", change);
      const { code, stderr } = await victim.add("other");
      assert.deepEqual({ code, error: stderr.split("\n")[0] }, {
        code: 1,
        error:
          'error: Cannot write to the file store: "~/.awsvault/keys/.aws-vault-change" is not a plain folder',
      });
      assert.equal(victim.read(".ssh/id_ed25519"), "mine");
      const { stdout } = await victim.run("export", "--no-session", "--format=json", "work");
      assert.equal(JSON.parse(stdout).AccessKeyId, KEY_ID);
      await Deno.remove(change);
    }
  },
);

Deno.test("a link in an item's place is replaced, and what it leads to stays", links, async () => {
  using victim = new Victim();
  victim.write(".bashrc", "mine");
  await Deno.mkdir(`${victim.home}/.awsvault/keys`, { recursive: true });
  await Deno.symlink("../../.bashrc", `${victim.home}/.awsvault/keys/work`);
  assert.equal((await victim.add("work")).code, 0);
  assert.equal(victim.read(".bashrc"), "mine");
  const { stdout } = await victim.run("export", "--no-session", "--format=json", "work");
  assert.equal(JSON.parse(stdout).AccessKeyId, KEY_ID);
});
