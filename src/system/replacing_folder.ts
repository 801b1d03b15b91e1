/** A folder in which files are replaced whole, and the temporary files used for that. */

/** The attributes of a new file. */
export interface Attributes {
  readonly mode: number;
  /** The new owner, if the system allows it; absent: this user. */
  readonly user?: number | undefined;
  readonly group?: number | undefined;
}

/** A folder, held open if the system supports that; its methods throw the system's errors. */
export interface ReplacingFolder extends Disposable {
  /** The opened folder's information, or `undefined` if it is known only by its path. */
  info(): Deno.FileInfo | undefined;
  /** A path to this opened folder, even if its own path changes; `undefined` if there is none. */
  path(): string | undefined;
  /** Replaces a file so that a reader finds the old or the new one; leaves nothing behind on failure. */
  replace(name: string, bytes: Uint8Array<ArrayBuffer>, attributes: Attributes): void;
  /** Whether a temporary file certainly has no living writer. */
  isDead(name: string): boolean;
  /** Removes a temporary file, unless its writer is, or may be, alive. */
  removeDead(name: string): void;
}

/** A new name that nobody can guess, so that nobody can take it in advance. */
export function temporaryName(): string {
  return `.aws-vault-${crypto.getRandomValues(new Uint8Array(8)).toHex()}.tmp`;
}

/** Whether a name has the form of {@linkcode temporaryName}. */
export function isTemporaryName(name: string): boolean {
  return /^\.aws-vault-[0-9a-f]{16}\.tmp$/.test(name);
}

/** No write takes this long; used if no lock can show whether the writer is alive. */
const OLD_MS = 10 * 60_000;

/** Whether a temporary file is too old to have a writer. */
export function isOld({ mtime }: Deno.FileInfo): boolean {
  return mtime !== null && Date.now() - mtime.getTime() > OLD_MS;
}
