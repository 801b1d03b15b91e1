import {
  type Keychain,
  type KeychainItemContent,
  type KeychainItemName,
  type KeychainLibrary,
  type KeychainOptions,
  NativeFailure,
} from "../../native.ts";
import type { Secret } from "../../secret.ts";
import { cString } from "./libc.ts";
import { AttributeList, DESCRIPTION, LABEL } from "./security_attributes.ts";
import { statusName } from "./security_status.ts";

/** Where the two libraries are. Tests give others; the program has no option for it. */
export interface SecurityFrameworkPaths {
  readonly security: string;
  readonly coreFoundation: string;
}

const FRAMEWORKS = "/System/Library/Frameworks";
const MACOS: SecurityFrameworkPaths = {
  security: `${FRAMEWORKS}/Security.framework/Security`,
  coreFoundation: `${FRAMEWORKS}/CoreFoundation.framework/CoreFoundation`,
};

/**
 * The calls of `SecKeychain.h` and `SecKeychainItem.h`, each with the C declaration it has there.
 *
 * `OSStatus` is `int32_t`, `UInt32` is `uint32_t`, `Boolean` is `unsigned char`; the references are
 * pointers. Whatever asks `securityd`, and so may wait for a person, runs on a thread of its own.
 */
const SECURITY = {
  // (const char *pathName, SecKeychainRef *keychain)
  SecKeychainOpen: { parameters: ["buffer", "buffer"], result: "i32" },
  // (const char *pathName, UInt32 passwordLength, const void *password, Boolean promptUser,
  //  SecAccessRef initialAccess, SecKeychainRef *keychain)
  SecKeychainCreate: {
    parameters: ["buffer", "u32", "buffer", "u8", "pointer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // (SecKeychainRef keychain, SecKeychainStatus *keychainStatus)
  SecKeychainGetStatus: { parameters: ["pointer", "buffer"], result: "i32", nonblocking: true },
  // (SecKeychainRef keychain, UInt32 passwordLength, const void *password, Boolean usePassword)
  SecKeychainUnlock: {
    parameters: ["pointer", "u32", "buffer", "u8"],
    result: "i32",
    nonblocking: true,
  },
  // (Boolean state)
  SecKeychainSetUserInteractionAllowed: { parameters: ["u8"], result: "i32" },
  // (CFTypeRef keychainOrArray, UInt32 serviceNameLength, const char *serviceName,
  //  UInt32 accountNameLength, const char *accountName, UInt32 *passwordLength,
  //  void **passwordData, SecKeychainItemRef *itemRef)
  SecKeychainFindGenericPassword: {
    parameters: ["pointer", "u32", "buffer", "u32", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // (SecKeychainRef keychain, UInt32 serviceNameLength, const char *serviceName,
  //  UInt32 accountNameLength, const char *accountName, UInt32 passwordLength,
  //  const void *passwordData, SecKeychainItemRef *itemRef)
  SecKeychainAddGenericPassword: {
    parameters: ["pointer", "u32", "buffer", "u32", "buffer", "u32", "buffer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // (SecKeychainItemRef itemRef, const SecKeychainAttributeList *attrList, UInt32 length,
  //  const void *data)
  SecKeychainItemModifyAttributesAndData: {
    parameters: ["pointer", "buffer", "u32", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // (SecKeychainItemRef itemRef)
  SecKeychainItemDelete: { parameters: ["pointer"], result: "i32", nonblocking: true },
  // (SecKeychainAttributeList *attrList, void *data)
  SecKeychainItemFreeContent: { parameters: ["pointer", "pointer"], result: "i32" },
  // CFStringRef (OSStatus status, void *reserved)
  SecCopyErrorMessageString: { parameters: ["i32", "pointer"], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

const CORE_FOUNDATION = {
  // void (CFTypeRef cf)
  CFRelease: { parameters: ["pointer"], result: "void" },
  // Boolean (CFStringRef theString, char *buffer, CFIndex bufferSize, CFStringEncoding encoding)
  CFStringGetCString: { parameters: ["pointer", "buffer", "isize", "u32"], result: "u8" },
} as const satisfies Deno.ForeignLibraryInterface;

type Security = Deno.DynamicLibrary<typeof SECURITY>["symbols"];
type CoreFoundation = Deno.DynamicLibrary<typeof CORE_FOUNDATION>["symbols"];

/** kCFStringEncodingUTF8 */
const UTF8 = 0x08000100;
/** kSecUnlockStateStatus */
const UNLOCKED = 1;
const NO_SUCH_KEYCHAIN = "errSecNoSuchKeychain";

let opened: KeychainLibrary | undefined | false = false;

/** Keychains by Security.framework, opened at the first call; `undefined` where this is not a Mac. */
export function openSecurityFramework(): KeychainLibrary | undefined {
  if (opened === false) {
    opened = Deno.build.os === "darwin" ? loadSecurityFramework(MACOS) : undefined;
  }
  return opened;
}

/** The same with the libraries at these paths; `undefined` where one cannot be loaded. */
export function loadSecurityFramework(paths: SecurityFrameworkPaths): KeychainLibrary | undefined {
  try {
    const { symbols: security } = Deno.dlopen(paths.security, SECURITY);
    const { symbols: core } = Deno.dlopen(paths.coreFoundation, CORE_FOUNDATION);
    return { open: (path, options) => new KeychainFile({ security, core }, path, options) };
  } catch {
    return undefined;
  }
}

interface Libraries {
  readonly security: Security;
  readonly core: CoreFoundation;
}

class KeychainFile implements Keychain {
  readonly #security: Security;
  readonly #core: CoreFoundation;
  readonly #path: string;
  readonly #options: KeychainOptions;
  #reference: Deno.PointerObject | undefined;

  constructor(libraries: Libraries, path: string, options: KeychainOptions) {
    this.#security = libraries.security;
    this.#core = libraries.core;
    this.#path = path;
    this.#options = options;
  }

  async state(): Promise<"missing" | "locked" | "unlocked"> {
    const status = new Uint32Array(1);
    const result = await this.#wait(
      [status],
      () => this.#security.SecKeychainGetStatus(this.#open(), status),
    );
    if (statusName(result) === NO_SUCH_KEYCHAIN) return "missing";
    this.#check(result);
    return (status[0]! & UNLOCKED) === 0 ? "locked" : "unlocked";
  }

  async create(password: Secret | undefined): Promise<void> {
    const path = cString(this.#path);
    const bytes = passwordBytes(password);
    const reference = new BigUint64Array(1);
    this.#setDialogs();
    const result = await this.#wait(
      [path, bytes, reference],
      () =>
        this.#security.SecKeychainCreate(
          path,
          lengthOf(password === undefined ? undefined : bytes),
          password === undefined ? null : bytes,
          password === undefined ? 1 : 0,
          null,
          reference,
        ),
    );
    this.#check(result);
    this.close();
    this.#reference = pointerIn(reference);
  }

  async unlock(password: Secret): Promise<void> {
    const bytes = passwordBytes(password);
    const result = await this.#wait(
      [bytes],
      () => this.#security.SecKeychainUnlock(this.#open(), lengthOf(bytes), bytes, 1),
    );
    this.#check(result);
  }

  async has(name: KeychainItemName): Promise<boolean> {
    return await this.#withItem(name, () => Promise.resolve(true)) ?? false;
  }

  async read(name: KeychainItemName): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const length = new Uint32Array(1);
    const data = new BigUint64Array(1);
    const result = await this.#find(name, length, data, null);
    if (isAbsent(result)) return undefined;
    this.#check(result);
    const pointer = pointerIn(data);
    if (pointer === undefined) return new Uint8Array();
    try {
      return copyOf(pointer, length[0]!);
    } finally {
      this.#security.SecKeychainItemFreeContent(null, pointer);
    }
  }

  async add(name: KeychainItemName, content: KeychainItemContent): Promise<void> {
    const service = encoder.encode(name.service);
    const account = encoder.encode(name.account);
    const data = present(content.data);
    const item = new BigUint64Array(1);
    this.#setDialogs();
    const result = await this.#wait(
      [service, account, data, item],
      () =>
        this.#security.SecKeychainAddGenericPassword(
          this.#open(),
          lengthOf(service),
          service,
          lengthOf(account),
          account,
          lengthOf(content.data),
          data,
          item,
        ),
    );
    this.#check(result);
    // The call itself makes the service the label.
    await this.#releasing(item, (pointer) => this.#modify(pointer, content, "attributes"));
  }

  async modify(name: KeychainItemName, content: KeychainItemContent): Promise<boolean> {
    const modified = await this.#withItem(name, async (item) => {
      await this.#modify(item, content, "attributes and data");
      return true;
    });
    return modified ?? false;
  }

  async remove(name: KeychainItemName): Promise<boolean> {
    const removed = await this.#withItem(name, async (item) => {
      const result = await this.#wait([], () => this.#security.SecKeychainItemDelete(item));
      if (isAbsent(result)) return false;
      this.#check(result);
      return true;
    });
    return removed ?? false;
  }

  close(): void {
    if (this.#reference !== undefined) this.#core.CFRelease(this.#reference);
    this.#reference = undefined;
  }

  async #modify(
    item: Deno.PointerObject,
    content: KeychainItemContent,
    what: "attributes" | "attributes and data",
  ): Promise<void> {
    const attributes = new AttributeList([
      [LABEL, content.label],
      [DESCRIPTION, content.description],
    ]);
    // NULL means: keep the data. So data of no bytes need a pointer as well.
    const data = what === "attributes" ? null : present(content.data);
    const length = data === null ? 0 : lengthOf(content.data);
    const result = await this.#wait(
      [attributes, data],
      () =>
        this.#security.SecKeychainItemModifyAttributesAndData(item, attributes.bytes, length, data),
    );
    this.#check(result);
  }

  /** Acts on an item without its password; `undefined` where there is none. */
  async #withItem<T>(
    name: KeychainItemName,
    act: (item: Deno.PointerObject) => Promise<T>,
  ): Promise<T | undefined> {
    const item = new BigUint64Array(1);
    const result = await this.#find(name, null, null, item);
    if (isAbsent(result)) return undefined;
    this.#check(result);
    return await this.#releasing(item, act);
  }

  async #releasing<T>(
    slot: BigUint64Array<ArrayBuffer>,
    act: (reference: Deno.PointerObject) => Promise<T>,
  ): Promise<T> {
    const reference = pointerIn(slot);
    if (reference === undefined) throw new NativeFailure("errSecInvalidItemRef", "no item came");
    try {
      return await act(reference);
    } finally {
      this.#core.CFRelease(reference);
    }
  }

  #find(
    name: KeychainItemName,
    length: Uint32Array<ArrayBuffer> | null,
    data: BigUint64Array<ArrayBuffer> | null,
    item: BigUint64Array<ArrayBuffer> | null,
  ): Promise<number> {
    const service = encoder.encode(name.service);
    const account = encoder.encode(name.account);
    this.#setDialogs();
    return this.#wait(
      [service, account, length, data, item],
      () =>
        this.#security.SecKeychainFindGenericPassword(
          this.#open(),
          lengthOf(service),
          service,
          lengthOf(account),
          account,
          length,
          data,
          item,
        ),
    );
  }

  #open(): Deno.PointerObject {
    if (this.#reference !== undefined) return this.#reference;
    const reference = new BigUint64Array(1);
    this.#check(this.#security.SecKeychainOpen(cString(this.#path), reference));
    const pointer = pointerIn(reference);
    if (pointer === undefined) throw new NativeFailure(NO_SUCH_KEYCHAIN, "no keychain came");
    return this.#reference = pointer;
  }

  /** One setting for the whole process, so it is set before each call that may ask. */
  #setDialogs(): void {
    this.#security.SecKeychainSetUserInteractionAllowed(this.#options.mayPrompt ? 1 : 0);
  }

  /**
   * Waits for a call on its thread, up to the time limit. A call cannot be ended from outside: it goes
   * on, and what it reads and writes is kept for it until it comes back.
   */
  async #wait(kept: readonly unknown[], call: () => Promise<number>): Promise<number> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new NativeFailure("timeout", "it does not answer")),
        this.#options.timeoutMs,
      );
    });
    const result = call();
    IN_USE.add(kept);
    const done = result.finally(() => IN_USE.delete(kept));
    done.catch(() => {});
    try {
      return await Promise.race([done, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  #check(status: number): void {
    if (status !== 0) throw new NativeFailure(statusName(status), this.#message(status));
  }

  #message(status: number): string {
    const text = this.#security.SecCopyErrorMessageString(status, null);
    if (text === null) return `OSStatus ${status}`;
    const buffer = new Uint8Array(1024);
    const isText = this.#core.CFStringGetCString(text, buffer, BigInt(buffer.length), UTF8);
    this.#core.CFRelease(text);
    const words = isText === 0 ? "" : decoder.decode(buffer.subarray(0, buffer.indexOf(0)));
    return words === "" ? `OSStatus ${status}` : `${words.replace(/\.$/, "")} (${status})`;
  }
}

/** What calls that have not come back yet still read and write. */
const IN_USE = new Set<readonly unknown[]>();

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** No item, or not even a keychain file: both say that there is nothing of the name. */
function isAbsent(status: number): boolean {
  return ["errSecItemNotFound", NO_SUCH_KEYCHAIN].includes(statusName(status));
}

function passwordBytes(password: Secret | undefined): Uint8Array<ArrayBuffer> {
  return encoder.encode(password?.reveal() ?? "");
}

function lengthOf(bytes: Uint8Array | undefined): number {
  return bytes?.length ?? 0;
}

/** The bytes in memory of their own, which has an address even where there are none. */
function present(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(Math.max(1, bytes.length));
  copy.set(bytes);
  return copy;
}

function pointerIn(slot: BigUint64Array<ArrayBuffer>): Deno.PointerObject | undefined {
  return Deno.UnsafePointer.create(slot[0]!) ?? undefined;
}

function copyOf(pointer: Deno.PointerObject, length: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(length);
  if (length > 0) new Deno.UnsafePointerView(pointer).copyInto(copy);
  return copy;
}
