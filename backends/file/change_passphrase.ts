import type { FileKeyringDeps, FileKeyringOptions } from "./keyring.ts";
import { publicNameOf, sealJwe } from "./jwe.ts";
import { whileWriting } from "./lock.ts";
import { obtainReplacement } from "./passphrase.ts";
import type { PassphraseSource } from "./passphrase_source.ts";
import { fileStore } from "./store.ts";
import { replaceAll } from "./store_change.ts";
import { fileUnlock } from "./unlock.ts";
import type { ActAlone } from "../../src/backend.ts";
import { Progress } from "../../src/progress.ts";
import { quote } from "../../src/text.ts";
import { decodeItem } from "../item.ts";

/** Each item costs two derivations of a key, which the runtime makes on as many processors as there are. */
const AT_ONCE = 8;

/** Which store gets a new passphrase, and where the old and the new one come from. */
export interface ChangePassphraseOptions extends FileKeyringOptions {
  /** `--new-passphrase-fd` or `--new-passphrase-command`; none: typed twice. */
  readonly newPassphrase: PassphraseSource;
  /** Keeps commands that change a key of the store from being in the middle of it. */
  readonly alone?: ActAlone | undefined;
}

/**
 * Encrypts every item of a file store again, and gives their number; 0, and nothing asked, for an
 * empty store.
 *
 * All or nothing, even when the process is killed: every item opens with the old passphrase, or every
 * item with the new one (see store_change.ts). An item that does not open (`damaged-item`,
 * `wrong-passphrase`) stops it before anything is changed. Nobody else writes in the meantime.
 */
export async function changePassphrase(
  deps: FileKeyringDeps,
  options: ChangePassphraseOptions,
): Promise<number> {
  const store = fileStore(deps.files, options.folder, deps.platform.os);
  if (store.keys().length === 0) return 0;
  const unlock = fileUnlock(deps, store, options);
  await unlock.passphraseForWriting();
  const { folder, mayPrompt, newPassphrase: source } = options;
  const replacement = await obtainReplacement(deps, { folder, source, mayPrompt });
  const { alone = (act) => act() } = options;
  return await alone(() =>
    whileWriting(deps, store.folder, async () => {
      const texts = new Map<string, string>();
      const keys = store.keys();
      const progress = new Progress(deps, { total: keys.length, nouns: "items" });
      const sealAgain = async (key: string) => {
        const item = store.read(key);
        if (item === undefined) return;
        const payload = await unlock.open(item);
        // A file under another's name must not be made to look right.
        decodeItem(payload, key, `its file ${quote(item.path)}`);
        const facts = { created: deps.clock.now(), publicName: publicNameOf(item.text) };
        texts.set(key, await sealJwe(payload, replacement.secret.reveal(), facts));
        progress.step();
      };
      for (let at = 0; at < keys.length; at += AT_ONCE) {
        await Promise.all(keys.slice(at, at + AT_ONCE).map(sealAgain));
      }
      replaceAll(deps, store.folder, texts);
      return texts.size;
    })
  );
}
