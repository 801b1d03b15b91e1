import { defineBackend } from "../../src/backend.ts";

/** The Windows Credential Manager. */
export const wincred = defineBackend({
  name: "wincred",
  platforms: ["windows"],
  isAutomatic: true,
  options: {},
  async probe(host) {
    return (await import("./keyring.ts")).probeWincred(host);
  },
  async open(host) {
    return (await import("./keyring.ts")).openWincredKeyring(host);
  },
});
