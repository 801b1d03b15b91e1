import { defineBackend } from "../../src/backend.ts";

/** The keys of the Linux kernel. */
export const keyctl = defineBackend({
  name: "keyctl",
  platforms: ["linux"],
  // Its keys are gone after a reboot: nobody must store there without naming it explicitly.
  isAutomatic: false,
  options: {},
  async probe(host) {
    return (await import("./keyring.ts")).probeKeyctl(host);
  },
  async open(host) {
    return (await import("./keyring.ts")).openKeyctlKeyring(host);
  },
});
