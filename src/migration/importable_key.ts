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
