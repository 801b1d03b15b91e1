import { testKeyringContract } from "./keyring_contract.ts";
import { ROW_OPENER } from "./row_opener.ts";

testKeyringContract("file", {
  opener: ROW_OPENER,
  // Lock, temporary file, its two halves, its sync, its mode, the rename.
  fewestSteps: Deno.build.os === "windows" ? 4 : 6,
  ...hasCases() ? {} : { refusedKeys: ["Work", "WORK"], refusal: "conflict" },
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

/** Whether `work` and `Work` are two files here: not on Windows, and hardly ever on macOS. */
function hasCases(): boolean {
  const folder = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${folder}/work`, "");
  Deno.writeTextFileSync(`${folder}/Work`, "");
  const { length } = [...Deno.readDirSync(folder)];
  Deno.removeSync(folder, { recursive: true });
  return length === 2;
}
