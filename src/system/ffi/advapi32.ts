import { type CredentialStore, NativeFailure, type StoredCredential } from "../../native.ts";
import { CredentialView, encodeCredential, wideString } from "./credentialw.ts";

/** The paths of the two libraries. Tests use others; the program has no option for them. */
export interface Advapi32Paths {
  readonly advapi32: string;
  readonly kernel32: string;
}

/** Both are among Windows's "known DLLs", which come from the system's folder and no other. */
const WINDOWS: Advapi32Paths = { advapi32: "advapi32.dll", kernel32: "kernel32.dll" };

/**
 * The calls of `wincred.h`, each with its C declaration. `DWORD` and `BOOL` have 32 bits.
 *
 * None of them waits for a person, so all run on this thread: only the thread that made a call can
 * read its error.
 */
const ADVAPI32 = {
  // BOOL (LPCWSTR TargetName, DWORD Type, DWORD Flags, PCREDENTIALW *Credential)
  CredReadW: { parameters: ["buffer", "u32", "u32", "buffer"], result: "i32" },
  // BOOL (PCREDENTIALW Credential, DWORD Flags)
  CredWriteW: { parameters: ["buffer", "u32"], result: "i32" },
  // BOOL (LPCWSTR TargetName, DWORD Type, DWORD Flags)
  CredDeleteW: { parameters: ["buffer", "u32", "u32"], result: "i32" },
  // BOOL (LPCWSTR Filter, DWORD Flags, DWORD *Count, PCREDENTIALW **Credential)
  CredEnumerateW: { parameters: ["buffer", "u32", "buffer", "buffer"], result: "i32" },
  // VOID (PVOID Buffer)
  CredFree: { parameters: ["pointer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

const KERNEL32 = {
  GetLastError: { parameters: [], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** CRED_TYPE_GENERIC */
const GENERIC = 1;
const NOT_FOUND = "ERROR_NOT_FOUND";
/** The runtime made another call in between, so the reason is lost. */
const LOST = "unknown";

/** The errors that the documentation of these calls lists (`winerror.h`). */
const ERRORS: Readonly<Record<number, readonly [symbol: string, meaning: string]>> = {
  0: [LOST, "the reason from Windows was lost"],
  5: ["ERROR_ACCESS_DENIED", "access is denied"],
  87: ["ERROR_INVALID_PARAMETER", "a name or size is not valid"],
  1004: ["ERROR_INVALID_FLAGS", "a flag is not valid"],
  1168: [NOT_FOUND, "there is no back end of that name"],
  1312: ["ERROR_NO_SUCH_LOGON_SESSION", "this logon session has no credential store"],
  1783: ["RPC_X_BAD_STUB_DATA", "the data is too long"],
  2202: ["ERROR_BAD_USERNAME", "the user name is not valid"],
};

let opened: CredentialStore | undefined | false = false;

/** Windows's credentials, opened at the first call; `undefined` elsewhere. */
export function openAdvapi32(): CredentialStore | undefined {
  if (opened === false) {
    opened = Deno.build.os === "windows" ? loadAdvapi32(WINDOWS) : undefined;
  }
  return opened;
}

/** The same with the libraries at these paths; `undefined` if one cannot be loaded. */
export function loadAdvapi32(paths: Advapi32Paths): CredentialStore | undefined {
  try {
    const { symbols: calls } = Deno.dlopen(paths.advapi32, ADVAPI32);
    const { symbols: kernel } = Deno.dlopen(paths.kernel32, KERNEL32);
    return new Advapi32(calls, kernel.GetLastError);
  } catch {
    return undefined;
  }
}

class Advapi32 implements CredentialStore {
  readonly #calls: Deno.DynamicLibrary<typeof ADVAPI32>["symbols"];
  readonly #lastError: () => number;

  constructor(
    calls: Deno.DynamicLibrary<typeof ADVAPI32>["symbols"],
    lastError: () => number,
  ) {
    this.#calls = calls;
    this.#lastError = lastError;
  }

  find(targetName: string): string | undefined {
    return this.#withCredential(targetName, (credential) => credential.targetName);
  }

  read(targetName: string): StoredCredential | undefined {
    return this.#withCredential(targetName, (credential) => ({
      targetName: credential.targetName,
      blob: credential.blob,
    }));
  }

  write(credential: StoredCredential): void {
    if (this.#calls.CredWriteW(encodeCredential(credential), 0) === 0) throw this.#failure();
  }

  delete(targetName: string): boolean {
    const name = wideString(targetName);
    if (this.#calls.CredDeleteW(name, GENERIC, 0) !== 0) return true;
    return this.#absent(targetName, this.#failure(), false);
  }

  list(prefix: string): string[] {
    try {
      return this.#enumerate(prefix);
    } catch (error) {
      if (!(error instanceof NativeFailure) || error.symbol !== LOST) throw error;
      // No match or a failure. Listing all shows which: there is nearly always at least one credential.
      const folded = prefix.toLowerCase();
      return this.#enumerate("").filter((name) => name.toLowerCase().startsWith(folded));
    }
  }

  #enumerate(prefix: string): string[] {
    const count = new Uint32Array(1);
    const array = new BigUint64Array(1);
    const filter = prefix === "" ? null : wideString(`${prefix}*`);
    if (this.#calls.CredEnumerateW(filter, 0, count, array) === 0) {
      const failure = this.#failure();
      if (failure.symbol === NOT_FOUND) return [];
      throw failure;
    }
    const pointer = Deno.UnsafePointer.create(array[0]!)!;
    try {
      return credentialsAt(pointer, count[0]!).filter((credential) => credential.isGeneric)
        .map(({ targetName }) => targetName);
    } finally {
      this.#calls.CredFree(pointer);
    }
  }

  #withCredential<T>(targetName: string, take: (credential: CredentialView) => T): T | undefined {
    const slot = new BigUint64Array(1);
    if (this.#calls.CredReadW(wideString(targetName), GENERIC, 0, slot) === 0) {
      return this.#absent(targetName, this.#failure(), undefined);
    }
    const pointer = Deno.UnsafePointer.create(slot[0]!)!;
    try {
      return take(new CredentialView(pointer));
    } finally {
      this.#calls.CredFree(pointer);
    }
  }

  /**
   * Returns `absent` if the failure means that, and throws the failure otherwise.
   *
   * Between a call and `GetLastError` the JavaScript engine may call Windows itself, which can set the
   * error to 0. Then the list of existing credentials decides: a locked or broken store must not
   * be taken for an empty one.
   */
  #absent<T>(targetName: string, failure: NativeFailure, absent: T): T {
    if (failure.symbol === NOT_FOUND) return absent;
    if (failure.symbol !== LOST) throw failure;
    const folded = targetName.toLowerCase();
    const isThere = this.list("").some((name) => name.toLowerCase() === folded);
    if (isThere) throw failure;
    return absent;
  }

  /** The failure of the last call; call this immediately after it. */
  #failure(): NativeFailure {
    const code = this.#lastError();
    const [symbol, meaning] = ERRORS[code] ?? [`error ${code}`, "it failed"];
    return new NativeFailure(symbol, code === 0 ? meaning : `${meaning} (Windows error ${code})`);
  }
}

/** Reads an array of pointers to `CREDENTIALW`. */
function credentialsAt(array: Deno.PointerObject, count: number): CredentialView[] {
  const view = new Deno.UnsafePointerView(array);
  return Array.from(
    { length: count },
    (_, index) => new CredentialView(view.getPointer(index * 8)!),
  );
}
