/** A folder in which files are replaced whole, and the temporary files for it. */

/** What a new file gets. */
export interface Attributes {
  readonly mode: number;
  /** Whose it becomes, where the system lets it; absent: it stays this user's. */
  readonly user?: number | undefined;
  readonly group?: number | undefined;
}

/** A folder, held open where the system can do that; its methods throw the system's errors. */
export interface ReplacingFolder extends Disposable {
  /** The folder itself, or `undefined` where it can be asked for by its path only. */
  info(): Deno.FileInfo | undefined;
  /** A path that leads to this very folder, whatever becomes of its own; `undefined` where there is none. */
  path(): string | undefined;
  /** Replaces a file so that a reader finds the old one or the new one; nothing is left where it fails. */
  replace(name: string, bytes: Uint8Array<ArrayBuffer>, attributes: Attributes): void;
  /** Whether a temporary file has no writer that is alive, or may be. */
  isDead(name: string): boolean;
  /** Removes a temporary file, unless its writer is alive or may be. */
  removeDead(name: string): void;
}

/** A new name that nobody can guess, so that none can stand in its way. */
export function temporaryName(): string {
  return `.aws-vault-${crypto.getRandomValues(new Uint8Array(8)).toHex()}.tmp`;
}

/** Whether a name has the form of {@linkcode temporaryName}. */
export function isTemporaryName(name: string): boolean {
  return /^\.aws-vault-[0-9a-f]{16}\.tmp$/.test(name);
}

/** No write takes so long, where a lock cannot say whether its writer is alive. */
const OLD_MS = 10 * 60_000;

/** Whether a temporary file is too old to have a writer. */
export function isOld({ mtime }: Deno.FileInfo): boolean {
  return mtime !== null && Date.now() - mtime.getTime() > OLD_MS;
}
