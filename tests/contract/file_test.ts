import { testKeyringContract } from "./keyring_contract.ts";
import { ROW_OPENER } from "./row_opener.ts";

testKeyringContract("file", {
  opener: ROW_OPENER,
  // Lock, temporary file, its two halves, its sync, its mode, the rename.
  fewestSteps: 6,
  makeStore() {
    const parent = Deno.makeTempDirSync();
    const folder = `${parent}/keys`;
    const flags = { fileDir: folder };
    const env = { AWS_VAULT_FILE_PASSPHRASE: "correct horse" };
    return {
      config: { backend: "file", flags, env },
      sealedConfig: { backend: "file", flags, env: {} },
      [Symbol.asyncDispose]: () => Deno.remove(parent, { recursive: true }),
    };
  },
});
