/**
 * Libraries of the operating system, opened by `dlopen` in `src/system/ffi` on first use.
 *
 * Each member gives `undefined` where the library is not on this machine: that is "not here", not an
 * error. The interfaces are in the words of the library; what they mean for keys is the back end's.
 */
export interface Native {
  /** The kernel's keys (Linux). */
  kernelKeys(): KernelKeys | undefined;
}

/** `add_key(2)` and `keyctl(2)`. Failures are {@linkcode NativeFailure} with the errno's name. */
export interface KernelKeys {
  /** Finds or makes a keyring of the name under the parent, and gives its serial number. */
  keyring(name: string, parent: KernelKeyParent): number;
  /** Searches a keyring for a `user` key of the description. */
  search(keyring: number, description: string): number | undefined;
  /** Adds or replaces a `user` key with possessor and user permissions view, read, write, search, setattr. */
  add(keyring: number, description: string, payload: Uint8Array): number;
  read(key: number): Uint8Array | undefined;
  describe(key: number): string | undefined;
  /** The serial numbers linked to a keyring. */
  list(keyring: number): number[];
  unlink(key: number, keyring: number): boolean;
  /** The key goes away by itself after this long. */
  expireAfter(key: number, seconds: number): void;
}

export type KernelKeyParent = "session" | "user" | "user-session";

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
