/**
 * The table of back ends, in the order in which they are tried (contracts 13).
 *
 * Explicit on purpose: nothing registers itself, and a back end's code is loaded when it is probed.
 */

import type { Backend, BackendHost, BackendOptions } from "../src/backend.ts";

const NEVER_MISSING = undefined;

const file: Backend = {
  name: "file",
  platforms: ["linux", "darwin", "windows"],
  isAutomatic: true,
  probe: () => Promise.resolve(NEVER_MISSING),
  async open(host: BackendHost, options: BackendOptions) {
    const { openFileKeyring, resolveFileFolder } = await import("./file.ts");
    return openFileKeyring(host, {
      folder: resolveFileFolder(host.env, host.platform, options.fileDir),
      passphrase: { descriptor: options.passphraseFd, command: options.passphraseCommand },
      mayPrompt: options.mayPrompt,
    });
  },
  async changePassphrase(host, options, source) {
    const { resolveFileFolder } = await import("./file.ts");
    const { changePassphrase } = await import("./file_change_passphrase.ts");
    return await changePassphrase(host, {
      folder: resolveFileFolder(host.env, host.platform, options.fileDir),
      passphrase: { descriptor: options.passphraseFd, command: options.passphraseCommand },
      newPassphrase: source,
      mayPrompt: options.mayPrompt,
    });
  },
};

/** All back ends of this program. */
export const BACKENDS: readonly Backend[] = [file];
