/**
 * Libraries of the operating system, opened by `dlopen` in `src/system/ffi` on first use.
 *
 * Each member gives `undefined` where the library is not on this machine: that is "not here", not an
 * error. The interfaces are in the words of the library; what they mean for keys is the back end's.
 */
export interface Native {
  /** The kernel's keys (Linux). */
  kernelKeys(): KernelKeys | undefined;
  /** D-Bus, by GLib's GIO (Linux desktops). */
  dbus(): DBusLibrary | undefined;
}

/**
 * `add_key(2)` and `keyctl(2)`, with keys and keyrings by their serial numbers.
 *
 * Failures are {@linkcode NativeFailure} with the errno's name, such as `EDQUOT`. A key that is gone,
 * expired or revoked is `undefined` or `false`, not a failure.
 */
export interface KernelKeys {
  /**
   * The keyring of this login session, or of the user in all sessions. A process that was never given
   * one of its session has the user's session keyring.
   */
  specialKeyring(which: "session" | "user"): number;
  /** A keyring of the name in the parent or below. */
  findKeyring(parent: number, name: string): number | undefined;
  /** Makes a keyring in the parent; gives the one that is there where another process was faster. */
  makeKeyring(parent: number, name: string, options: KernelKeyOptions): number;
  /** A `user` key of the description in the keyring or below. */
  search(keyring: number, description: string): number | undefined;
  /**
   * Adds a `user` key, in place of the one of the same description; in one step, so that the key is
   * never there without its permissions or its end. The payload has 1 to 32,767 bytes.
   */
  add(keyring: number, description: string, payload: Uint8Array, options: KernelKeyOptions): void;
  read(key: number): Uint8Array<ArrayBuffer> | undefined;
  describe(key: number): { readonly type: string; readonly description: string } | undefined;
  /** What is linked to a keyring. */
  list(keyring: number): number[];
  /** Whether it was linked there. */
  unlink(key: number, keyring: number): boolean;
}

/** How a key of the kernel is made. */
export interface KernelKeyOptions {
  /** The mask of keyctl_setperm(3), such as 0x3f3f0000: everything for possessor and user. */
  readonly permissions: number;
  /** It goes away by itself after this long. */
  readonly expireAfterSeconds?: number | undefined;
}

/** A failure of a system library, with the library's own word for it. */
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
   * Throws {@linkcode NativeFailure}, `G_IO_ERROR_CANCELLED` where nothing answered in time.
   */
  connect(address: string, options: { timeoutMs: number }): Promise<DBusConnection>;
}

/** A connection to a message bus. It does not end the process when the bus goes away. */
export interface DBusConnection {
  /**
   * Calls a method and gives the members of its reply.
   *
   * Throws {@linkcode NativeFailure} with the name of the D-Bus error, or `G_IO_ERROR_TIMED_OUT` where
   * no reply came in time, or `G_IO_ERROR_CLOSED` where the bus went away.
   */
  call(request: DBusCall): Promise<readonly DBusValue[]>;
  /** Begins to collect a signal of an object. What comes after this returns is not missed. */
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
  /** The members of the next signal, or `undefined` where none came within the time. */
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
  /** `false`: the bus starts no program for a name that nobody has; it does by default. */
  readonly autoStart?: boolean | undefined;
}

/**
 * A value on the bus: `ay` is a `Uint8Array`, 64-bit integers are `bigint`, structures and arrays are
 * arrays, dictionaries are maps. A variant goes out as {@linkcode DBusVariant} and comes in as what is in it.
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
