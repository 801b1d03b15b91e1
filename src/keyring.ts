/**
 * The contract of a keyring: where long-term keys are stored.
 *
 * Every back end fulfils it, and `tests/contract` runs one suite against all of them:
 *
 * - A key (the name of an item) is any non-empty string, also with slashes, commas, spaces, percent
 *   signs, a leading dot, or characters outside ASCII. Two different keys are two items.
 * - The data are any bytes, NULs included, and come back unchanged. A store holds at least 2,560 bytes
 *   (the limit of Windows), and refuses more than it holds (`unsupported`).
 * - `get` of a missing key gives `undefined`. `undefined` never means a locked keyring (which
 *   throws `keyring-locked`), a damaged item (`damaged-item`, the item stays in place), a wrong
 *   passphrase (`wrong-passphrase`), or a service that fails (`keyring-failed`).
 * - `set` is complete only when the item was read back and is the same (`src/read_back.ts`, for
 *   every row of the table).
 * - `set` replaces the whole item or leaves the old one untouched, even when the process is killed.
 *   Two processes that write different keys at once both succeed.
 * - `has` and `keys` never read a secret, and do not ask the person if the store allows that.
 * - `keys` gives each key once, in no particular order, and only this program's items.
 * - `remove` says whether there was an item.
 * - Every call has a time limit, and its error names the service and the item.
 */
export interface Keyring {
  /** The name that `--backend` takes. */
  readonly backend: string;
  /**
   * Where the items are stored, described for a person, such as a folder or a collection. Together with
   * the back end's name it identifies a store.
   */
  readonly location: string;
  /** What a person who stores a key here should know, in a sentence without a full stop. */
  readonly warning?: string | undefined;
  /** What the store is, as a noun, if it stands in for a system keystore that is missing. */
  readonly standIn?: string | undefined;
  /**
   * Whether there is an item, without reading its secret. Throws `unsafe-file` if a store of files has
   * something other than a file in its place.
   */
  has(key: string): Promise<boolean>;
  /** The data of the item, or `undefined` if there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /**
   * Whether the item was written with this {@linkcode KeyringItem.publicName}, without reading its secret and
   * without asking anybody; `undefined` if the store does not show it. Throws `damaged-item` for an item
   * that nothing can open.
   */
  hasPublicName?(key: string, publicName: string): Promise<boolean | undefined>;
  /** Stores an item, replacing the one of the same key. */
  set(key: string, item: KeyringItem): Promise<void>;
  /** Removes the item, and says whether there was one. */
  remove(key: string): Promise<boolean>;
  /** The keys of all items, without reading a secret. */
  keys(): Promise<string[]>;
  /** Releases connections and handles; the keyring cannot be used afterwards. */
  close(): void | Promise<void>;
}

/**
 * The item that holds the data key of our session cache. A back end that keeps items unlocked may keep
 * this one too. `oidc:` makes aws-vault 7 take it for a token, not for a credential.
 */
export const DATA_KEY_NAME = "oidc:aws-vault-data-key";

/** What is stored under a key. */
export interface KeyringItem {
  readonly data: Uint8Array;
  /** What the system's own keystore viewer shows, such as `aws-vault (work)`. */
  readonly label: string;
  readonly description?: string | undefined;
  /**
   * Distinguishes the item from later ones under the same key, up to 64 letters and digits. It reveals
   * nothing about the secret: a store that shows parts of a locked item may show it.
   */
  readonly publicName?: string | undefined;
  /**
   * Whether the command can end before this item is stored, with nothing to undo and nothing lost.
   * Only such an item may be stored without a passphrase that others of the same command may need:
   * a rotation is not to notice in the middle that somebody has to be asked.
   */
  readonly standsAlone?: boolean | undefined;
}
