import { defineBackend } from "../../src/backend.ts";
import type { BackendOptions, OptionValues } from "../../src/backend_option.ts";
import type { TalkingHost } from "../../src/talk.ts";

const OPTIONS = {
  dir: {
    kind: "text",
    flag: "--file-dir",
    variable: "AWS_VAULT_FILE_DIR",
    placeholder: "folder",
    brief: "Folder of the file store",
    default: "~/.awsvault/keys",
    namesPlace: true,
  },
  // Read by `passphrase_source.ts`, and only if a passphrase is needed.
  passphrase: {
    kind: "secret",
    variable: "AWS_VAULT_FILE_PASSPHRASE",
    brief: "The passphrase of the file store; children do not inherit it",
  },
  passphraseFd: {
    kind: "descriptor",
    flag: "--passphrase-fd",
    placeholder: "number",
    brief: "Read the file store's passphrase from this descriptor",
  },
  passphraseCommand: {
    kind: "text",
    flag: "--passphrase-command",
    variable: "AWS_VAULT_FILE_PASSPHRASE_COMMAND",
    placeholder: "command",
    brief: "Run this program for the file store's passphrase",
  },
  unlockSeconds: {
    kind: "duration",
    variable: "AWS_VAULT_FILE_UNLOCK_TTL",
    brief:
      "How long used items of the file store stay unlocked in a login session on Linux, 0 for not at all",
    default: "15m",
  },
} as const satisfies BackendOptions;

/** For `unlock`, if normal use keeps nothing unlocked. */
const DEFAULT_SECONDS = 15 * 60;

type Settings = OptionValues<typeof OPTIONS> & { readonly mayPrompt: boolean };

/** The encrypted file store. */
export const file = defineBackend({
  name: "file",
  platforms: ["linux", "darwin", "windows"],
  isAutomatic: true,
  options: OPTIONS,
  probe: () => undefined,
  async open(host, settings) {
    const { openFileKeyring } = await import("./keyring.ts");
    return openFileKeyring(host, await storeOf(host, settings));
  },
  async lock(host) {
    const { forgetUnlocked } = await import("./login_session.ts");
    return await forgetUnlocked(host.native);
  },
  async shutOutChild(host) {
    const { shutOutChild } = await import("./login_session.ts");
    await shutOutChild(host.native);
  },
  async unlock(host, settings, { all, seconds = settings.unlockSeconds || DEFAULT_SECONDS }) {
    const { unlockStore } = await import("./unlock_store.ts");
    return await unlockStore(host, await storeOf(host, settings), { all, seconds });
  },
  async examine(host, { dir }) {
    const { resolveFileFolder } = await import("./keyring.ts");
    const { examineFileStore } = await import("./examine.ts");
    return examineFileStore(host, resolveFileFolder(host.platform, dir));
  },
  async changePassphrase(host, settings, newPassphrase, alone) {
    const { changePassphrase } = await import("./change_passphrase.ts");
    return await changePassphrase(host, {
      ...await storeOf(host, settings),
      newPassphrase,
      alone,
    });
  },
});

/** Where the store is, and where its passphrase comes from. */
async function storeOf({ platform }: TalkingHost, settings: Settings) {
  const { resolveFileFolder } = await import("./keyring.ts");
  const { dir, passphraseFd, passphraseCommand, unlockSeconds, mayPrompt } = settings;
  return {
    folder: resolveFileFolder(platform, dir),
    passphrase: { descriptor: passphraseFd, command: passphraseCommand },
    mayPrompt,
    unlockSeconds,
  };
}
