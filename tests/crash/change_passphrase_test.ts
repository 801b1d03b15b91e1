import assert from "node:assert/strict";
import { BACKENDS } from "../../backends/mod.ts";
import { Folder } from "../folder.ts";
import { NOT_ON_WINDOWS } from "../home.ts";
import { writeProgram } from "../services/write_program.ts";
import { atEveryPoint, type World } from "./world.ts";

const SCRIPT = "#!/bin/sh\necho new-passphrase\n";

/** The store is made once, and copied for each point. */
class Template extends Folder {
  #id: string | undefined;

  async putInto(world: World): Promise<void> {
    world.backends = BACKENDS;
    world.env["AWS_VAULT_BACKEND"] = "file";
    world.env["AWS_VAULT_FILE_PASSPHRASE"] = "old-passphrase";
    writeProgram(`${world.path}/new`, SCRIPT, 0o700);
    const keys = world.env["AWS_VAULT_FILE_DIR"]!;
    if (this.#id === undefined) {
      this.#id = world.aws.user("old").key.id;
      await world.as("old").succeed("add", "--env", "--no-add-config", "work");
      await world.succeed("add", "--env", "--no-add-config", "home");
      Deno.renameSync(keys, `${this.path}/keys`);
    }
    Deno.mkdirSync(keys, { mode: 0o700 });
    for (const { name } of Deno.readDirSync(`${this.path}/keys`)) {
      Deno.copyFileSync(`${this.path}/keys/${name}`, `${keys}/${name}`);
    }
  }

  /** One passphrase opens both keys, as they were; the other opens none. */
  async assertWhole(world: World): Promise<void> {
    const opened: string[] = [];
    for (const passphrase of ["old-passphrase", "new-passphrase"]) {
      world.env["AWS_VAULT_FILE_PASSPHRASE"] = passphrase;
      const results = [];
      for (const name of ["work", "home"]) {
        const { code, stdout } = await world.run("export", "--format=json", "-n", name);
        results.push(code === 0 ? JSON.parse(stdout).AccessKeyId : code);
      }
      if (results[0] === this.#id) opened.push(passphrase);
      assert.deepEqual(results, opened.at(-1) === passphrase ? [this.#id, this.#id] : [1, 1]);
    }
    assert.equal(opened.length, 1, `opened by ${opened}`);
    assert.equal((await world.succeed("list", "--credentials")).stdout, "home\nwork\n");
  }
}

// That it is killed at every step of its own is shown with the file store's contract.
for (const kind of ["fail", "lose", "full"] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    // The real file store may load a library of the system, for good.
    sanitizeResources: false,
    name: `change-passphrase changes all items or none, ${kind} at every effect`,
    async fn() {
      using template = new Template();
      const points = await atEveryPoint(kind, {
        prepare: (world) => template.putInto(world),
        words: (world) => ["change-passphrase", `--new-passphrase-command=${world.path}/new`],
        check: (world) => template.assertWhole(world),
      });
      assert(points >= 3, `only ${points} points`);
    },
  });
}
