import assert from "node:assert/strict";
import { requireService } from "../services.ts";
import { uniqueProfile } from "../services/every_backend.ts";
import { hasKernelKeys, KERNEL_KEYS_INSTALL } from "../services/kernel_keyring.ts";
import { launch } from "./launch.ts";

/** Starts the command for all profiles at once, and gives the exit codes and what went wrong. */
async function together(command: readonly string[], profiles: readonly string[], home: string) {
  const env = {
    HOME: home,
    AWS_VAULT_BACKEND: "keyctl",
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  };
  const ends = profiles.map((profile) => launch([...command, profile], env).finished);
  return (await Promise.all(ends)).filter(({ code }) => code !== 0).map(({ stderr }) => stderr);
}

Deno.test({
  // The kernel stores a key at once, so that all of them come to the config file together.
  name: "of keys that are added at the same moment, none is lost in the config file",
  ...requireService("the kernel's keys", hasKernelKeys(), KERNEL_KEYS_INSTALL),
  async fn() {
    const home = await Deno.makeTempDir();
    const profiles = Array.from({ length: 10 }, uniqueProfile);
    const twice = uniqueProfile();
    try {
      assert.deepEqual(await together(["add", "--env"], profiles, home), []);
      assert.deepEqual(await together(["add", "--env", "--force"], [twice, twice], home), []);
      const config = await Deno.readTextFile(`${home}/.aws/config`);
      const names = config.matchAll(/^\[profile (.*)\]$/gm).map(([, name]) => name);
      assert.deepEqual([...names].sort(), [...profiles, twice].sort());
    } finally {
      await together(["remove", "--force"], [...profiles, twice], home);
      await Deno.remove(home, { recursive: true });
    }
  },
});
