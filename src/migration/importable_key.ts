import type { LongTermKey } from "../credentials.ts";

/** An unencrypted key in a file, and the profile that it is for. */
export interface ImportableKey {
  readonly profile: string;
  readonly key: LongTermKey;
}

/** A profile of a file whose key cannot be imported. */
export interface Unimportable {
  readonly profile: string;
  /** A clause such as `its credentials are temporary`. */
  readonly why: string;
  /** Whether somebody will miss a key: then it is a failure, else a note. */
  readonly isFailure: boolean;
}

/** The keys to import from a file, and those that cannot be imported. */
export interface Importable {
  readonly keys: readonly ImportableKey[];
  readonly others: readonly Unimportable[];
}

/**
 * Removes the keys of profiles that have several from a list, and gives their problems: a profile
 * has one key, and which one is meant is unknown.
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
