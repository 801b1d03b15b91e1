import { defineBackend } from "../../src/backend.ts";

/** KDE's KWallet. */
export const kwallet = defineBackend({
  name: "kwallet",
  platforms: ["linux"],
  isAutomatic: true,
  options: {},
  async probe(host) {
    return (await import("./keyring.ts")).probeKWallet(host);
  },
  async open(host, settings) {
    return (await import("./keyring.ts")).openKWalletKeyring(host, settings);
  },
});
