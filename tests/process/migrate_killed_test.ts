import assert from "node:assert/strict";
import { openFileKeyring } from "../../backends/file/keyring.ts";
import { encodeStoredKey } from "../../src/credentials/long_term_key.ts";
import { Secret } from "../../src/secret.ts";
import { fileDeps } from "../contract/file_opener.ts";
import { scriptWords } from "./launch.ts";

const PASSPHRASE = "correct-horse-battery-staple";
const SCRIPT = new URL("migrate_killed_process.ts", import.meta.url).pathname;
const KEY = encodeStoredKey({
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
});

const open = (folder: string) =>
  openFileKeyring(fileDeps({ passphrase: PASSPHRASE }), {
    folder,
    passphrase: {},
    mayPrompt: false,
  });

const sameKey = (data: Uint8Array | undefined) =>
  data !== undefined && new TextDecoder().decode(data) === new TextDecoder().decode(KEY);

async function move(from: string, to: string, dieAtStep: number): Promise<boolean> {
  const [deno = "", ...args] = scriptWords(SCRIPT);
  const { signal, success, stderr } = await new Deno.Command(deno, {
    args: [...args, from, to, PASSPHRASE, `${dieAtStep}`],
  }).output();
  assert.ok(success || signal === "SIGKILL", new TextDecoder().decode(stderr));
  return success;
}

Deno.test({
  name:
    "a move that is killed at any step leaves the key in a store, and goes on when it is run again",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "aws-vault-killed-" });
    try {
      let step = 0;
      for (let isDone = false; !isDone;) {
        step++;
        const [from, to] = [`${folder}/${step}/from`, `${folder}/${step}/to`];
        await open(from).set("work", { data: KEY, label: "aws-vault (work)" });
        isDone = await move(from, to, step);
        const [source, target] = [await open(from).get("work"), await open(to).get("work")];
        assert.ok(sameKey(source) || sameKey(target), `step ${step}`);
        if (source === undefined) assert.ok(sameKey(target), `step ${step}`);
        // A target's item is whole or not there.
        assert.ok(target === undefined || sameKey(target), `step ${step}`);
        if (source !== undefined) await move(from, to, 0);
        assert.equal(await open(from).get("work"), undefined);
        assert.ok(sameKey(await open(to).get("work")), `step ${step}, run again`);
      }
      assert.ok(step > 10, `only ${step} steps were tried`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
