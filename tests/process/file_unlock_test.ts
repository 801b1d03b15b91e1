import assert from "node:assert/strict";
import { startFakeAws } from "../servers/fake_aws.ts";
import { requireService, runs } from "../services.ts";
import { hasKernelKeys, KERNEL_KEYS_INSTALL } from "../services/kernel_keyring.ts";
import { launch, programWords } from "./launch.ts";

const kernel = requireService(
  "the kernel's keys",
  hasKernelKeys() && runs("keyctl", "--version"),
  `${KERNEL_KEYS_INSTALL}; Debian: keyutils`,
);

Deno.test({
  name: "a process that unlocks the file store for others goes on with it itself",
  ...kernel,
  async fn() {
    await using aws = await startFakeAws({ users: [{ name: "work" }] });
    const home = await Deno.makeTempDir();
    const { id, secret } = aws.user("work").key;
    const env = {
      HOME: home,
      AWS_VAULT_BACKEND: "file",
      AWS_VAULT_FILE_PASSPHRASE: "correct-horse-battery-staple",
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: id,
      AWS_SECRET_ACCESS_KEY: secret,
    };
    // A login session of its own, in which nothing is left unlocked.
    const words = ["keyctl", "session", "-", ...programWords()];
    try {
      const added = await launch(["add", "--env", "work"], env, words).finished;
      assert.equal(added.code, 0, added.stderr);
      for (let time = 1; time <= 2; time++) {
        const { code, stderr } = await launch(["export", "work"], env, words).finished;
        assert.deepEqual([code, stderr.replace(/^Joined session keyring: .*\n/, "")], [0, ""]);
      }
      // The first export wrote a data key after it had read the key; the second is cached.
      assert.deepEqual(aws.takeCalls(), ["GetSessionToken by key/work for 3600s"]);
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});
