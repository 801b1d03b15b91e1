/** The content of the journal of a write to a password store. */

/** The item that is being written, as the names from which the store makes its path. */
export interface JournalRecord {
  readonly store: string;
  readonly prefix: string;
  readonly key: string;
  /** The file's bytes before the write; absent: the file did not exist. */
  readonly old: Uint8Array<ArrayBuffer> | undefined;
}

/** The text of a journal. */
export function renderJournal({ store, prefix, key, old }: JournalRecord): string {
  return JSON.stringify({ version: 1, store, prefix, key, old: old?.toBase64() ?? null });
}

/** The record in a journal's text; throws if the text is not a journal. */
export function parseJournal(text: string): JournalRecord {
  const { version, store, prefix, key, old } = JSON.parse(text);
  const names = [store, prefix, key];
  if (version !== 1 || !names.every((name) => typeof name === "string")) {
    throw new Error("not a journal of this version");
  }
  return { store, prefix, key, old: old === null ? undefined : Uint8Array.fromBase64(old) };
}
