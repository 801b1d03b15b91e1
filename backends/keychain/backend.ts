import { defineBackend } from "../../src/backend.ts";

/** The keychain of macOS. */
export const keychain = defineBackend({
  name: "keychain",
  platforms: ["darwin"],
  isAutomatic: true,
  options: {
    keychain: {
      kind: "text",
      flag: "--keychain",
      variable: "AWS_VAULT_KEYCHAIN_NAME",
      placeholder: "name",
      brief: "Name of the macOS keychain",
      namesPlace: true,
    },
    biometrics: {
      kind: "boolean",
      flag: "--biometrics",
      variable: "AWS_VAULT_BIOMETRICS",
      brief: "No effect: the keychain asks for its password",
    },
  },
  async probe(host) {
    return (await import("./keyring.ts")).probeKeychain(host);
  },
  async open(host, settings) {
    return (await import("./keyring.ts")).openKeychainKeyring(host, settings);
  },
});
