import type { Secret } from "./secret.ts";

/**
 * Libraries of the operating system, opened by `dlopen` in `src/system/ffi` on first use.
 *
 * Each member gives `undefined` if the library is not on this machine: that means "not here", not an
 * error. The interfaces use the library's terms; the back end decides what they mean for keys.
 */
export interface Native {
  /** The kernel's keys (Linux). */
  kernelKeys(): Promise<KernelKeys | undefined>;
  /** D-Bus, by GLib's GIO (Linux desktops). */
  dbus(): Promise<DBusLibrary | undefined>;
  /** Keychain files, by Security.framework (macOS). */
  keychains(): Promise<KeychainLibrary | undefined>;
  /** The user's credential set, by `advapi32.dll` (Windows). */
  credentialStore(): Promise<CredentialStore | undefined>;
  /** Protects this process's memory from the user's other programs, if the system supports that (Linux). */
  guardMemory(): void;
}

/**
 * `add_key(2)` and `keyctl(2)`, with keys and keyrings by their serial numbers.
 *
 * Failures are {@linkcode NativeFailure} with the errno's name, such as `EDQUOT`. A key that is gone,
 * expired or revoked is `undefined` or `false`, not a failure.
 */
export interface KernelKeys {
  /**
   * The keyring of this login session, or of the user in all sessions. A process that never got a
   * session keyring has the user's session keyring.
   */
  specialKeyring(which: "session" | "user"): number;
  /** Finds a keyring by name, in the parent or below. */
  findKeyring(parent: number, name: string): number | undefined;
  /** Makes a keyring in the parent; gives the existing one if another process was faster. */
  makeKeyring(parent: number, name: string, options: KernelKeyOptions): number;
  /** Finds a `user` key by description, in the keyring or below. */
  search(keyring: number, description: string): number | undefined;
  /**
   * Adds a `user` key, replacing one of the same description, in one step: the key never exists
   * without its permissions or its expiry. The payload has 1 to 32,767 bytes.
   */
  add(keyring: number, description: string, payload: Uint8Array, options: KernelKeyOptions): void;
  read(key: number): Uint8Array<ArrayBuffer> | undefined;
  describe(key: number): KernelKeyFacts | undefined;
  /** The keys that are linked to a keyring. */
  list(keyring: number): number[];
  /** Unlinks a key from a keyring, and says whether it was linked there. */
  unlink(key: number, keyring: number): boolean;
  /** Invalidates a key at once, in every keyring that it is linked to, and says whether it existed. */
  invalidate(key: number): boolean;
  /**
   * Gives this process, and what it becomes or starts from now on, a new session keyring of which nobody
   * else is a member, with only these keys; a key that cannot be linked is omitted.
   */
  leaveSession(keys: readonly number[]): void;
}

/** What the kernel reports about a key without its payload. */
export interface KernelKeyFacts {
  readonly type: string;
  readonly description: string;
  /** The user who made it, or whom it was given to. */
  readonly owner: number;
  /** The mask of keyctl_setperm(3). */
  readonly permissions: number;
}

/** How a kernel key is made. */
export interface KernelKeyOptions {
  /** The mask of keyctl_setperm(3), such as 0x3f3f0000: everything for possessor and user. */
  readonly permissions: number;
  /** The key expires after this long; set before the permissions, which may forbid setting it. */
  readonly expireAfterSeconds?: number | undefined;
}

/** A failure of a system library, with the library's own name for it. */
export class NativeFailure extends Error {
  override readonly name = "NativeFailure";
  /** Such as `EACCES`, `org.freedesktop.DBus.Error.NoReply` or `errSecAuthFailed`. */
  readonly symbol: string;

  constructor(symbol: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.symbol = symbol;
  }
}

/** Connects to message buses. */
export interface DBusLibrary {
  /**
   * Connects to the bus at an address of the D-Bus specification, such as `unix:path=/run/user/1000/bus`.
   *
   * Throws {@linkcode NativeFailure}, `G_IO_ERROR_CANCELLED` if nothing answers in time.
   */
  connect(address: string, options: { timeoutMs: number }): Promise<DBusConnection>;
}

/** A connection to a message bus. It does not end the process when the bus goes away. */
export interface DBusConnection {
  /**
   * Calls a method and gives the members of its reply.
   *
   * Throws {@linkcode NativeFailure} with the name of the D-Bus error, `G_IO_ERROR_TIMED_OUT` if
   * no reply comes in time, or `G_IO_ERROR_CLOSED` if the bus goes away.
   */
  call(request: DBusCall): Promise<readonly DBusValue[]>;
  /** Begins to collect a signal of an object. No signal is missed after this returns. */
  listen(signal: DBusSignal): DBusListener;
  close(): void;
}

/** A signal to listen for. */
export interface DBusSignal {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
}

/** Collects signals until it is closed. */
export interface DBusListener {
  /** The members of the next signal, or `undefined` if none comes in time. */
  next(options: { timeoutMs: number }): Promise<readonly DBusValue[] | undefined>;
  close(): void;
}

/** A method call; the names are those of the D-Bus specification. */
export interface DBusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly method: string;
  /** The type of the parameters together, such as `(sxs)`; none by default. */
  readonly parameterType?: string | undefined;
  readonly parameters?: readonly DBusValue[] | undefined;
  readonly timeoutMs: number;
  /** `false`: the bus does not start a program for a name without an owner; by default it does. */
  readonly autoStart?: boolean | undefined;
}

/**
 * A value on the bus: `ay` is a `Uint8Array`, 64-bit integers are `bigint`, structures and arrays are
 * arrays, dictionaries are maps. A variant is sent as {@linkcode DBusVariant} and received as its content.
 */
export type DBusValue =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | DBusVariant
  | readonly DBusValue[]
  | ReadonlyMap<string, DBusValue>;

/** A value that carries its type, such as `new DBusVariant("s", "work")`. */
export class DBusVariant {
  readonly type: string;
  readonly value: DBusValue;

  constructor(type: string, value: DBusValue) {
    this.type = type;
    this.value = value;
  }
}

/** Opens keychain files. macOS may show dialogs if `mayPrompt` is true, for the whole process. */
export interface KeychainLibrary {
  /** Does not access the file: {@linkcode Keychain.state} reports one that is missing. */
  open(path: string, options: KeychainOptions): Keychain;
}

/** How a keychain is opened. */
export interface KeychainOptions {
  readonly mayPrompt: boolean;
  /** The limit for each call, during which macOS may wait for a person. */
  readonly timeoutMs: number;
}

/**
 * One keychain file, whose generic passwords are identified by service and account.
 *
 * Failures are {@linkcode NativeFailure} with the name of the OSStatus, such as `errSecAuthFailed`, or
 * `timeout` if no answer came in time; the call may still take effect after that.
 */
export interface Keychain {
  /** Asks nobody. `unknown`: the file exists, but its state cannot be read without asking somebody. */
  state(): Promise<"missing" | "locked" | "unlocked" | "unknown">;
  /** Makes the file. Without a password macOS asks the person for one. */
  create(password: Secret | undefined): Promise<void>;
  unlock(password: Secret): Promise<void>;
  /** Whether there is an item, without reading its password. */
  has(name: KeychainItemName): Promise<boolean>;
  read(name: KeychainItemName): Promise<Uint8Array | undefined>;
  /** Adds an item; fails with `errSecDuplicateItem` if the name is taken. */
  add(name: KeychainItemName, content: KeychainItemContent): Promise<void>;
  /** Replaces an item's content but not its access list, and says whether there was one. */
  modify(name: KeychainItemName, content: KeychainItemContent): Promise<boolean>;
  /** Removes an item, and says whether there was one. */
  remove(name: KeychainItemName): Promise<boolean>;
  close(): void;
}

/** What identifies a generic password in its keychain. */
export interface KeychainItemName {
  readonly service: string;
  readonly account: string;
}

/** The content of a generic password. */
export interface KeychainItemContent {
  readonly data: Uint8Array;
  readonly label: string;
  readonly description: string;
}

/**
 * The generic credentials of the user's logon session (`wincred.h`).
 *
 * Failures are {@linkcode NativeFailure} with the name of the error, such as `ERROR_ACCESS_DENIED`, or
 * `unknown` if the runtime lost it. Windows compares target names without regard to case.
 */
export interface CredentialStore {
  /** The name as it is stored, without reading the blob. */
  find(targetName: string): string | undefined;
  read(targetName: string): StoredCredential | undefined;
  /** Writes a credential, replacing one of the same name. The blob has at most 2,560 bytes. */
  write(credential: StoredCredential): void;
  /** Deletes a credential, and says whether there was one. */
  delete(targetName: string): boolean;
  /** The names that begin with the prefix, without reading the blobs. */
  list(prefix: string): string[];
}

/** A generic credential, kept for the user on this machine. */
export interface StoredCredential {
  readonly targetName: string;
  readonly blob: Uint8Array;
}
