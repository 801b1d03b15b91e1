/** The container: a base that is named by its content, and a passphrase that comes as a file. */

import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { launch } from "../process/launch.ts";

const TEXT = await Deno.readTextFile(new URL("../../packaging/Containerfile", import.meta.url));
/** Where engines put the secrets that a container is given. */
const SECRETS = "/run/secrets/";

/** What the image sets, as its engine reads it. */
function imageEnvironment(): Record<string, string> {
  return Object.fromEntries(
    [...TEXT.matchAll(/^ENV (\w+)="?(.*?)"?$/gm)].map(([, name, value]) => [name, value]),
  );
}

Deno.test("the container's base is a digest, and nothing says to give a passphrase by -e", () => {
  const bases = TEXT.match(/^FROM .*$/gm) ?? [];
  assert.equal(bases.length, 1);
  assert.match(bases[0], /^FROM debian:[a-z]+-slim@sha256:[0-9a-f]{64}$/);
  assert.doesNotMatch(TEXT, /-e AWS_VAULT_FILE_PASSPHRASE(?!_COMMAND)/);
});

Deno.test(
  "what the image sets has the program read the passphrase from the mounted file",
  NOT_ON_WINDOWS,
  async () => {
    const home = await Deno.makeTempDir();
    try {
      const image = imageEnvironment();
      assert.deepEqual(image, {
        AWS_VAULT_BACKEND: "file",
        AWS_VAULT_FILE_PASSPHRASE_COMMAND: `cat ${SECRETS}aws-vault-passphrase`,
      });
      const command = image["AWS_VAULT_FILE_PASSPHRASE_COMMAND"]?.replace(SECRETS, `${home}/`) ??
        "";
      const run = (...words: string[]) =>
        launch(words, {
          ...image,
          AWS_VAULT_FILE_PASSPHRASE_COMMAND: command,
          AWS_VAULT_FILE_UNLOCK_TTL: "0",
          AWS_ACCESS_KEY_ID: "AKIAI44QH8DHBEXAMPLE",
          AWS_SECRET_ACCESS_KEY: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
          HOME: home,
          PATH: Deno.env.get("PATH") ?? "",
        }).finished;
      const mount = (passphrase: string) =>
        Deno.writeTextFile(`${home}/aws-vault-passphrase`, `${passphrase}\n`, { mode: 0o400 });
      await mount("correct-horse-battery-staple");
      assert.equal((await run("add", "--env", "work")).code, 0);
      const exec = ["exec", "--no-session", "work", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID"];
      const { code, stdout } = await run(...exec);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "AKIAI44QH8DHBEXAMPLE\n" });

      await Deno.remove(`${home}/aws-vault-passphrase`);
      await mount("another");
      assert.equal((await run(...exec)).code, 1);
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
);
