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
import {
  loadLibraries,
  MACOS,
  type SecurityFrameworkPaths,
  type SecurityLibraries,
} from "./security_library.ts";
import { copyOf, lengthOf, passwordBytes, pointerIn, present } from "./security_memory.ts";
import { statusName } from "./security_status.ts";

/** kCFStringEncodingUTF8 */
const UTF8 = 0x08000100;
/** kSecUnlockStateStatus */
const UNLOCKED = 1;
const NO_SUCH_KEYCHAIN = "errSecNoSuchKeychain";

let opened: KeychainLibrary | undefined | false = false;

/** Keychains through Security.framework, opened at the first call; `undefined` if this is not a Mac. */
export function openSecurityFramework(): KeychainLibrary | undefined {
  if (opened === false) {
    opened = Deno.build.os === "darwin" ? loadSecurityFramework(MACOS) : undefined;
  }
  return opened;
}

/** The same with the libraries at these paths; `undefined` if one cannot be loaded. */
export function loadSecurityFramework(paths: SecurityFrameworkPaths): KeychainLibrary | undefined {
  const libraries = loadLibraries(paths);
  return libraries && { open: (path, options) => new KeychainFile(libraries, path, options) };
}

class KeychainFile implements Keychain {
  readonly #security: SecurityLibraries["security"];
  readonly #core: SecurityLibraries["core"];
  readonly #path: string;
  readonly #options: KeychainOptions;
  #reference: Deno.PointerObject | undefined;

  constructor(libraries: SecurityLibraries, path: string, options: KeychainOptions) {
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
    // The call itself sets the label to the service.
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
    // NULL means: keep the data. So even empty data need a pointer.
    const data = what === "attributes" ? null : present(content.data);
    const length = data === null ? 0 : lengthOf(content.data);
    const result = await this.#wait(
      [attributes, data],
      () =>
        this.#security.SecKeychainItemModifyAttributesAndData(item, attributes.bytes, length, data),
    );
    this.#check(result);
  }

  /** Acts on an item without reading its password; `undefined` if there is no such item. */
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
    if (reference === undefined) {
      throw new NativeFailure("errSecInvalidItemRef", "it returned no item");
    }
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
    if (pointer === undefined) throw new NativeFailure(NO_SUCH_KEYCHAIN, "it returned no keychain");
    return this.#reference = pointer;
  }

  /** Allows or forbids dialogs: a process-wide setting, so it is set before each call that may ask. */
  #setDialogs(): void {
    this.#security.SecKeychainSetUserInteractionAllowed(this.#options.mayPrompt ? 1 : 0);
  }

  /**
   * Waits for a call on its thread, up to the time limit. A call cannot be cancelled: it continues, and
   * the memory that it uses is kept until it returns.
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

/** The memory that calls which have not returned yet still read and write. */
const IN_USE = new Set<readonly unknown[]>();

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Whether there is no item, or not even a keychain file: both mean that the name does not exist. */
function isAbsent(status: number): boolean {
  return ["errSecItemNotFound", NO_SUCH_KEYCHAIN].includes(statusName(status));
}
