import type { LongTermKey } from "../credentials.ts";

/** A key that a file holds in the clear, and the profile that it is for. */
export interface ImportableKey {
  readonly profile: string;
  readonly key: LongTermKey;
}

/** A profile of a file whose key cannot be imported. */
export interface Unimportable {
  readonly profile: string;
  /** A clause such as `its credentials are temporary`. */
  readonly why: string;
  /** Whether there is a key that somebody will miss: then it is a failure, else a note. */
  readonly isFailure: boolean;
}

/** What a file has to import. */
export interface Importable {
  readonly keys: readonly ImportableKey[];
  readonly others: readonly Unimportable[];
}

/**
 * Takes the keys of profiles that have several out of a list, and gives what is wrong with them: a
 * profile has one key, and which is meant is not known.
 */
export function takeRepeated(keys: ImportableKey[]): Unimportable[] {
  const byName = Map.groupBy(keys, ({ profile }) => profile);
  const repeated = [...byName].filter(([, same]) => same.length > 1).map(([profile]) => profile);
  keys.splice(0, Infinity, ...keys.filter(({ profile }) => !repeated.includes(profile)));
  return repeated.map((profile) => ({
    profile,
    why: "the file has several keys of this name",
    isFailure: true,
  }));
}
