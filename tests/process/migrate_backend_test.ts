/** `migrate-backend` between the file store and every other back end, and back. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { everyBackend, uniqueProfile } from "../services/every_backend.ts";

const backends = everyBackend();
const file = backends.find(({ name }) => name === "file")!;

for (const backend of backends.filter(({ name }) => name !== "file")) {
  Deno.test({
    name: `keys move from the file store to ${backend.name} and back`,
    ignore: backend.ignore,
    // The libraries of the system stay loaded.
    sanitizeResources: false,
    async fn() {
      await using home = await Home.open({ users: [{ name: "work" }, { name: "other" }] });
      await using store = await backend.start();
      await using fileStore = await file.start();
      Object.assign(home.env, fileStore.env, store.env, {
        HOME: home.path,
        AWS_VAULT_STATE_DIR: `${home.path}/state`,
      });
      delete home.env["AWS_VAULT_BACKEND"];
      const { aws } = home;
      /** Gives the output; fails where it ends otherwise. */
      const run = async (words: readonly string[], exit = 0) => {
        const finished = await home.run(...words);
        assert.equal(finished.code, exit, `${words.join(" ")}: ${finished.stderr}`);
        return finished.stderr.split("\n").filter((line) => line !== "");
      };
      /** In a process of its own, which a command takes the place of. */
      const exec = async (backend: string, ...words: string[]) => {
        const env = { AWS_VAULT_BACKEND: backend };
        const { code, stderr } = await home.start(["exec", ...words, "--", "true"], env).finished;
        assert.equal(code, 0, stderr);
      };
      const [a, b] = [uniqueProfile(), uniqueProfile()].sort() as [string, string];
      const name = backend.name;
      const add = async (profile: string, user: string, where: string) => {
        home.as(user);
        await run(["add", "--env", "--force", `--backend=${where}`, profile]);
      };
      const move = (from: string, to: string, ...flags: string[]) => [
        "migrate-backend",
        `--from=${from}`,
        `--to=${to}`,
        ...flags,
      ];
      const warning = name === "keyctl"
        ? ["warning: The kernel forgets its keys at a reboot: keep a copy of this one elsewhere"]
        : [];
      const hint = (to: string) => `hint: To use them: --backend=${to}, or AWS_VAULT_BACKEND=${to}`;
      try {
        await add(a, "work", "file");
        await add(b, "other", "file");

        assert.deepEqual(await run(move("file", name, "--dry-run")), [
          `Would copy the key of profile "${a}"`,
          `Would copy the key of profile "${b}"`,
          "Nothing was changed; file has 2 keys",
        ]);
        assert.deepEqual(await run(move("file", name)), [
          ...warning,
          `Copied the key of profile "${a}" to ${name}`,
          `Copied the key of profile "${b}" to ${name}`,
          "2 copied",
          hint(name),
        ]);

        // Another key in the target stops that one only, and what is there already counts as done.
        await add(b, "work", name);
        assert.deepEqual(await run(move("file", name, "--delete-source"), 1), [
          ...warning,
          `Found the key of profile "${a}" in ${name} already, and removed it from file`,
          `warning: Cannot move the key of profile "${b}": ${name} has another key for profile "${b}"`,
          "hint: Replace it: --overwrite",
          `1 already there, 1 removed from file, 1 failed`,
          "error: Could not move 1 key",
        ]);
        assert.deepEqual(
          await run(move("file", name, "--delete-source", "--overwrite", `--profile=${b}`)),
          [
            ...warning,
            `Replaced the key of profile "${b}" in ${name}, and removed it from file`,
            "1 replaced, 1 removed from file",
            hint(name),
          ],
        );
        assert.deepEqual(await run(move("file", name)), ["file has no keys"]);
        assert.deepEqual(await run(move("file", name, `--profile=${b}`), 3), [
          `error: Cannot move the key of profile "${b}": file has none`,
          `hint: It is in ${name} already`,
        ]);

        // What arrived is what left: AWS takes it, and it is the other user's.
        await exec(name, "--no-session", b);
        await exec(name, b);
        assert.deepEqual(aws.takeCalls(), ["GetSessionToken by key/other for 3600s"]);

        await run(move(name, "file", "--delete-source", `--profile=${a}`));
        assert.deepEqual(await run(["list", "--credentials", "--backend=file"]), []);
        await exec("file", a);
        assert.deepEqual(aws.takeCalls(), ["GetSessionToken by key/work for 3600s"]);
      } finally {
        for (const profile of [a, b]) {
          await home.run("remove", "--force", `--backend=${name}`, profile);
        }
      }
    },
  });
}
