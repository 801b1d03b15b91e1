import { type Backend, defineBackend } from "../../src/backend.ts";
import type { BackendOptions } from "../../src/backend_option.ts";

/** One declaration for both: a flag belongs to every row that declares it. */
const OPTIONS = {
  passDir: {
    kind: "text",
    flag: "--pass-dir",
    variable: "AWS_VAULT_PASS_PASSWORD_STORE_DIR",
    placeholder: "folder",
    brief: "Store of pass or passage",
    namesPlace: true,
  },
  passCmd: {
    kind: "text",
    flag: "--pass-cmd",
    variable: "AWS_VAULT_PASS_CMD",
    placeholder: "program",
    brief: "Program to use as pass",
    namesPlace: true,
  },
  passPrefix: {
    kind: "text",
    flag: "--pass-prefix",
    variable: "AWS_VAULT_PASS_PREFIX",
    placeholder: "prefix",
    brief: "Prefix of names in pass",
    namesPlace: true,
  },
} as const satisfies BackendOptions;

/** The password store of `pass`, encrypted by GnuPG. */
export const pass = passwordStore("pass");

/** The password store of `passage`, encrypted by age. */
export const passage = passwordStore("passage");

/** `pass` and `passage` differ only in what encrypts. */
function passwordStore(name: "pass" | "passage"): Backend {
  return defineBackend({
    name,
    platforms: ["linux", "darwin"],
    isAutomatic: true,
    keepsHistory: true,
    options: OPTIONS,
    async probe(host, settings) {
      return (await import("./probe.ts")).probePass(name, host, settings);
    },
    async examine(host, settings) {
      return (await import("./examine.ts")).examinePassStore(name, host, settings);
    },
    async open(host, settings) {
      return (await import("./keyring.ts")).openPassKeyring(name, host, settings);
    },
  });
}
