/** What the journal of a write to a password store says. */

/** The item that is being written, by the names from which the store makes its path. */
export interface JournalRecord {
  readonly store: string;
  readonly prefix: string;
  readonly key: string;
  /** The file's bytes before; absent: there was no file. */
  readonly old: Uint8Array<ArrayBuffer> | undefined;
}

/** The text of a journal. */
export function renderJournal({ store, prefix, key, old }: JournalRecord): string {
  return JSON.stringify({ version: 1, store, prefix, key, old: old?.toBase64() ?? null });
}

/** The record of a journal's text; throws where it is not one. */
export function parseJournal(text: string): JournalRecord {
  const { version, store, prefix, key, old } = JSON.parse(text);
  const names = [store, prefix, key];
  if (version !== 1 || !names.every((name) => typeof name === "string")) {
    throw new Error("not a journal of this version");
  }
  return { store, prefix, key, old: old === null ? undefined : Uint8Array.fromBase64(old) };
}
