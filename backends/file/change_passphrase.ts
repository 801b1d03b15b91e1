import type { FileKeyringDeps, FileKeyringOptions } from "./keyring.ts";
import { deriveKek, newSealingKey, publicNameOf, sealJwe } from "./jwe.ts";
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

/** Each item costs two key derivations, which the runtime spreads over all available processors. */
const AT_ONCE = 8;

/** Which store gets a new passphrase, and the sources of the old and the new one. */
export interface ChangePassphraseOptions extends FileKeyringOptions {
  /** `--new-passphrase-fd` or `--new-passphrase-command`; if absent: typed twice. */
  readonly newPassphrase: PassphraseSource;
  /** Excludes commands that are in the middle of changing a key of the store. */
  readonly alone?: ActAlone | undefined;
}

/**
 * Encrypts every item of a file store again, and returns the number of items. For an empty store it
 * asks nothing and returns 0.
 *
 * All or nothing, even if the process is killed: every item opens with the old passphrase, or every
 * item with the new one (see store_change.ts). An item that does not open (`damaged-item`,
 * `wrong-passphrase`) stops the change before anything is written. Nobody else writes in the
 * meantime.
 */
export async function changePassphrase(
  deps: FileKeyringDeps,
  options: ChangePassphraseOptions,
): Promise<number> {
  const store = fileStore(deps.files, options.folder, deps.platform.os);
  if (store.keys().length === 0) return 0;
  const unlock = fileUnlock(deps, store, options);
  await unlock.obtainForWriting();
  const { folder, mayPrompt, newPassphrase: source } = options;
  const { random } = deps;
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
        // A file under another key's name must not be made to look valid.
        decodeItem(payload, key, `its file ${quote(item.path)}`);
        const facts = { created: deps.clock.now(), publicName: publicNameOf(item.text) };
        const passphrase = replacement.secret.reveal();
        const used = await newSealingKey(random, (...of) => deriveKek(passphrase, ...of));
        texts.set(key, await sealJwe(random, payload, used, facts));
        progress.step();
      };
      for (let at = 0; at < keys.length; at += AT_ONCE) {
        await Promise.all(keys.slice(at, at + AT_ONCE).map(sealAgain));
      }
      replaceAll(deps, store.folder, texts);
      await unlock.forgetNextKeys();
      return texts.size;
    })
  );
}
