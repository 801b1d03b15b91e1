/**
 * Stores whose passphrase was typed at a Windows console before this program read it as UTF-16.
 *
 * The console's bytes, in its code page, were decoded as UTF-8: every letter outside ASCII became
 * U+FFFD. So `pässe` and `püsse` were one passphrase, and neither opened the store on Linux.
 */

import type { LockDeps } from "../../src/lock.ts";
import { Secret } from "../../src/secret.ts";
import { quote } from "../../src/text.ts";
import { newSealingKey, publicNameOf, sealJwe } from "./jwe.ts";
import type { KekCacheDeps } from "./kek_cache.ts";
import type { KekMemory } from "./kek_memory.ts";
import { whileWriting } from "./lock.ts";
import { openText } from "./open.ts";
import type { Passphrase, PassphraseDeps } from "./passphrase_source.ts";
import type { FileStore, StoredText } from "./store.ts";
import { type ChangeDeps, replaceAll } from "./store_change.ts";

/** How many items a reading is tried on before it counts as wrong for the whole store. */
const MOST_TRIED = 4;

/** What encrypting a store again touches. */
export type OldReadingDeps =
  & PassphraseDeps
  & LockDeps
  & ChangeDeps
  & Pick<KekCacheDeps, "native">;

/**
 * Encrypts again, with the passphrase as typed, all items that open with its old reading; returns
 * whether there were any. For a caller that has already tried the passphrase itself.
 */
export async function sealOldReadings(
  deps: OldReadingDeps,
  store: FileStore,
  keks: KekMemory,
  passphrase: Passphrase,
): Promise<boolean> {
  for (const old of await oldReadings(deps, passphrase)) {
    if (!await opensAny(store, keks, old)) continue;
    if (!await isTypedAlike(deps, passphrase)) return false;
    const count = await sealAgain(deps, store, keks, { old, passphrase });
    deps.talk.note(
      `Sealed again with these letters: ${count} ${count === 1 ? "item" : "items"} of ${
        quote(store.folder)
      }`,
    );
    return true;
  }
  return false;
}

/** Any other letters open the store too, so a mistyped passphrase would become the real one. */
async function isTypedAlike(deps: OldReadingDeps, { secret }: Passphrase): Promise<boolean> {
  const { terminal } = deps;
  await terminal.write(
    "At this console an earlier version read all non-ASCII letters as one letter\n",
  );
  const question = "Enter the passphrase again, so that from now on they are distinguished: ";
  const again = await terminal.ask(question, { hidden: true });
  if (again.reveal() === secret.reveal()) return true;
  await terminal.write("The two do not match\n");
  return false;
}

/** Empty if nobody typed the passphrase, or if all of it is ASCII. */
async function oldReadings(deps: OldReadingDeps, passphrase: Passphrase): Promise<Passphrase[]> {
  const text = passphrase.secret.reveal();
  const lost = text.replace(/[^\0-\x7f]/gu, "\ufffd");
  if (!passphrase.typed || lost === text) return [];
  const read = (await deps.terminal.oldReading?.(passphrase.secret))?.reveal() ?? lost;
  return [...new Set([read, lost])].filter((reading) => reading !== text)
    .map((reading) => ({ ...passphrase, secret: new Secret(reading) }));
}

async function opensAny(store: FileStore, keks: KekMemory, old: Passphrase): Promise<boolean> {
  let tried = 0;
  for (const item of store.texts()) {
    if (await tryToOpen(item, keks, old) !== undefined) return true;
    if (++tried === MOST_TRIED) break;
  }
  return false;
}

/** All at once, so that the store keeps one passphrase even if this process is killed. */
function sealAgain(
  deps: OldReadingDeps,
  store: FileStore,
  keks: KekMemory,
  { old, passphrase }: { readonly old: Passphrase; readonly passphrase: Passphrase },
): Promise<number> {
  return whileWriting(deps, store.folder, async () => {
    const texts = new Map<string, string>();
    for (const item of store.texts()) {
      const text = await tryToOpen(item, keks, old);
      if (text === undefined) continue;
      const facts = { created: deps.clock.now(), publicName: publicNameOf(item.text) };
      const used = await newSealingKey(deps.random, (...of) => keks.kek(passphrase, ...of));
      texts.set(item.key, await sealJwe(deps.random, text, used, facts));
    }
    replaceAll(deps, store.folder, texts);
    return texts.size;
  });
}

async function tryToOpen(
  item: StoredText,
  keks: KekMemory,
  passphrase: Passphrase,
): Promise<string | undefined> {
  try {
    return await openText(item, (salt, rounds) => keks.kek(passphrase, salt, rounds));
  } catch {
    return undefined;
  }
}
