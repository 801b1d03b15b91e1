import { testKeyringContract } from "./keyring_contract.ts";

testKeyringContract("file", {
  opener: new URL("file_opener.ts", import.meta.url).href,
  // Lock, temporary file, its two halves, its sync, its mode, the rename.
  fewestSteps: 6,
  makeStore() {
    const parent = Deno.makeTempDirSync();
    const folder = `${parent}/keys`;
    return {
      config: { folder, passphrase: "correct horse" },
      sealedConfig: { folder },
      [Symbol.asyncDispose]: () => Deno.remove(parent, { recursive: true }),
    };
  },
});
