/**
 * The contract of a keyring: where long-term keys are stored.
 *
 * Every back end keeps it, and `tests/contract` runs one suite against all of them:
 *
 * - A key (the name of an item) is any non-empty string, also with slashes, commas, spaces, percent
 *   signs, a leading dot, or characters outside ASCII. Two keys that differ are two items.
 * - The data are any bytes, NULs included, at least 2,560 of them (what Windows holds), and come back as
 *   they went in; more than a store holds is refused (`unsupported`).
 * - `get` of a missing key gives `undefined`. `undefined` never stands for a locked keyring (that
 *   throws `keyring-locked`), a damaged item (`damaged-item`, the item stays in place), a wrong
 *   passphrase (`wrong-passphrase`), or a service that fails (`keyring-failed`).
 * - `set` counts as done when what was written was read again and is the same (`src/read_back.ts`, for
 *   every row of the table).
 * - `set` replaces the whole item or leaves the old one untouched, even when the process is killed.
 *   Two processes that write different keys at once both succeed.
 * - `has` and `keys` never read a secret, and ask the person for nothing where the store allows it.
 * - `keys` gives each key once, in no certain order, and only this program's items.
 * - `remove` says whether there was an item.
 * - Every call has a time limit, and its error names the service and the item.
 */
export interface Keyring {
  /** The name that `--backend` takes. */
  readonly backend: string;
  /**
   * Where the items are stored, in words for a person, such as a folder or a collection; with the
   * name of the back end it distinguishes two stores of one back end.
   */
  readonly location: string;
  /** What a person who stores a key here should know, in a sentence without a full stop. */
  readonly warning?: string | undefined;
  /** What the store is, as a noun, for one that is used where the system has no keystore. */
  readonly standIn?: string | undefined;
  /** Whether there is an item, without reading its secret. */
  has(key: string): Promise<boolean>;
  /** The data of the item, or `undefined` where there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /**
   * What {@linkcode KeyringItem.publicName} said when the item was written, without reading its secret;
   * `undefined` where that is not known. Throws `damaged-item` for what nothing opens.
   */
  publicName?(key: string): Promise<string | undefined>;
  /** Stores an item, replacing the one of the same key. */
  set(key: string, item: KeyringItem): Promise<void>;
  /** Removes the item, and says whether there was one. */
  remove(key: string): Promise<boolean>;
  /** The keys of all items, without reading a secret. */
  keys(): Promise<string[]>;
  /** Lets go of connections and handles; the keyring is not used after it. */
  close(): void | Promise<void>;
}

/**
 * The item that holds the key of our session cache, which a back end may keep at hand where it keeps
 * what is unlocked; `oidc:` makes aws-vault 7 take it for a token, and not for a credential.
 */
export const DATA_KEY_NAME = "oidc:aws-vault-data-key";

/** What is stored under a key. */
export interface KeyringItem {
  readonly data: Uint8Array;
  /** What the system's own keystore viewer shows, such as `aws-vault (work)`. */
  readonly label: string;
  readonly description?: string | undefined;
  /**
   * Distinguishes the item from what is stored under its key later, up to 64 letters and digits. It says
   * nothing of the secret: a store that shows something of a locked item may show this.
   */
  readonly publicName?: string | undefined;
}
