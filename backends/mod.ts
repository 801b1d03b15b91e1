/**
 * The table of back ends, in the order in which they are tried (contracts 13).
 *
 * Explicit on purpose: nothing registers itself, and a back end's code is loaded when it is probed.
 */

import type { Backend, BackendHost, BackendOptions } from "../src/backend.ts";

const NEVER_MISSING = undefined;

const keychain: Backend = {
  name: "keychain",
  platforms: ["darwin"],
  isAutomatic: true,
  async probe(host) {
    const { probeKeychain } = await import("./keychain/keyring.ts");
    return probeKeychain(host);
  },
  async open(host, { keychain, mayPrompt, biometrics }) {
    const { openKeychainKeyring } = await import("./keychain/keyring.ts");
    return openKeychainKeyring(host, { keychain, mayPrompt, biometrics });
  },
};

const wincred: Backend = {
  name: "wincred",
  platforms: ["windows"],
  isAutomatic: true,
  async probe(host) {
    const { probeWincred } = await import("./wincred/keyring.ts");
    return probeWincred(host);
  },
  async open(host) {
    const { openWincredKeyring } = await import("./wincred/keyring.ts");
    return openWincredKeyring(host);
  },
};

const secretService: Backend = {
  name: "secret-service",
  platforms: ["linux"],
  isAutomatic: true,
  async probe(host) {
    const { probeSecretService } = await import("./secret_service/keyring.ts");
    return await probeSecretService(host);
  },
  async open(host, options) {
    const { openSecretServiceKeyring } = await import("./secret_service/keyring.ts");
    return openSecretServiceKeyring(host, {
      collection: options.secretServiceCollection,
      mayPrompt: options.mayPrompt,
    });
  },
};

const kwallet: Backend = {
  name: "kwallet",
  platforms: ["linux"],
  isAutomatic: true,
  async probe(host) {
    const { probeKWallet } = await import("./kwallet/keyring.ts");
    return await probeKWallet(host);
  },
  async open(host, options) {
    const { openKWalletKeyring } = await import("./kwallet/keyring.ts");
    return openKWalletKeyring(host, { mayPrompt: options.mayPrompt });
  },
};

const file: Backend = {
  name: "file",
  platforms: ["linux", "darwin", "windows"],
  isAutomatic: true,
  probe: () => Promise.resolve(NEVER_MISSING),
  async open(host: BackendHost, options: BackendOptions) {
    const { openFileKeyring, resolveFileFolder } = await import("./file/keyring.ts");
    return openFileKeyring(host, {
      folder: resolveFileFolder(host.env, host.platform, options.fileDir),
      passphrase: { descriptor: options.passphraseFd, command: options.passphraseCommand },
      mayPrompt: options.mayPrompt,
      unlockSeconds: options.fileUnlockSeconds,
    });
  },
  async lock(host) {
    const { forgetKeks } = await import("./file/kek_cache.ts");
    return forgetKeks(host.native);
  },
  async changePassphrase(host, options, source) {
    const { resolveFileFolder } = await import("./file/keyring.ts");
    const { changePassphrase } = await import("./file/change_passphrase.ts");
    return await changePassphrase(host, {
      folder: resolveFileFolder(host.env, host.platform, options.fileDir),
      passphrase: { descriptor: options.passphraseFd, command: options.passphraseCommand },
      newPassphrase: source,
      mayPrompt: options.mayPrompt,
    });
  },
};

/** `pass` and `passage` are one program but for what encrypts. */
function passwordStore(name: "pass" | "passage"): Backend {
  return {
    name,
    platforms: ["linux", "darwin"],
    isAutomatic: true,
    async probe(host, options) {
      const { probePass } = await import("./pass/probe.ts");
      return probePass(name, host, options);
    },
    async open(host, options) {
      const { openPassKeyring } = await import("./pass/keyring.ts");
      return openPassKeyring(name, host, options);
    },
  };
}

const keyctl: Backend = {
  name: "keyctl",
  platforms: ["linux"],
  // Its keys are gone after a reboot: nobody shall store there without having said so.
  isAutomatic: false,
  async probe(host) {
    return (await import("./keyctl/keyring.ts")).probeKeyctl(host);
  },
  async open(host) {
    return (await import("./keyctl/keyring.ts")).openKeyctlKeyring(host);
  },
};

/** All back ends of this program. */
export const BACKENDS: readonly Backend[] = [
  keychain,
  wincred,
  secretService,
  kwallet,
  passwordStore("pass"),
  passwordStore("passage"),
  file,
  keyctl,
];
