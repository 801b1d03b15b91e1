/**
 * Long-term keys in the kernel: keys of type `user` in a keyring `aws-vault` of the user's keyring.
 *
 * They are never written to a disk, and are gone after a reboot. Every process of the user can read
 * them, from any login session, as with an unlocked keystore of a desktop. The kernel's default,
 * rights for the possessor alone, would make the keys unreadable from a fresh login, whose session
 * keyring need not contain the user's keyring (keyrings(7); docs/formats.md, "Kernel keys").
 */

import { VaultError } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import type { Keyring, KeyringItem } from "../../src/keyring.ts";
import { type KernelKeys, NativeFailure } from "../../src/native.ts";
import { asClause, quote } from "../../src/text.ts";

/** What this back end needs of the world. */
export type KeyctlHost = Pick<Host, "native">;

/** View, read, write, search, link and setattr, for the possessor and the user; nothing for others. */
const PERMISSIONS = 0x3f3f0000;
/** The kernel's KEY_MAX_DESC_SIZE, without the NUL. */
const LONGEST_NAME_BYTES = 4095;
/** The most data that always fits into a key. */
export const LARGEST_DATA_BYTES = 32_766;

/** The keyring of the kernel. Nothing is created before the first key is stored. */
export function openKeyctlKeyring(
  host: KeyctlHost,
  options: { readonly keyringName?: string } = {},
): Keyring {
  return new KeyctlKeyring(host, options.keyringName ?? "aws-vault");
}

/** Why the kernel's keys cannot be used here, or `undefined` if they can. */
export async function probeKeyctl(host: KeyctlHost): Promise<string | undefined> {
  const kernel = await host.native.kernelKeys();
  if (kernel === undefined) return "This machine does not have kernel keys";
  try {
    kernel.specialKeyring("user");
    return undefined;
  } catch (error) {
    if (error instanceof NativeFailure) return reasonOf(error);
    throw error;
  }
}

class KeyctlKeyring implements Keyring {
  readonly backend = "keyctl";
  readonly location: string;
  readonly warning = "The kernel forgets its keys at a reboot: keep a copy of this one elsewhere";
  readonly #host: KeyctlHost;
  readonly #name: string;

  constructor(host: KeyctlHost, name: string) {
    this.#host = host;
    this.#name = name;
    this.location = `keyring ${quote(name)} of the user`;
  }

  has(key: string): Promise<boolean> {
    return this.#act(
      `look for ${quote(key)} in`,
      (kernel) => this.#find(kernel, key) !== undefined,
    );
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#act(`read ${quote(key)} from`, (kernel) => {
      const found = this.#find(kernel, key);
      const payload = found && kernel.read(found.serial);
      return payload && decodePayload(payload);
    });
  }

  set(key: string, item: KeyringItem): Promise<void> {
    return this.#act(`store ${quote(key)} in`, (kernel) => {
      const payload = encodePayload(item.data);
      if (payload === undefined) throw tooLarge(key);
      const ring = this.#findRing(kernel) ??
        kernel.makeKeyring(kernel.specialKeyring("user"), this.#name, { permissions: PERMISSIONS });
      kernel.add(ring, requireName(key), payload, { permissions: PERMISSIONS });
    });
  }

  remove(key: string): Promise<boolean> {
    return this.#act(`remove ${quote(key)} from`, (kernel) => {
      const found = this.#find(kernel, key);
      return found !== undefined && kernel.unlink(found.serial, found.ring);
    });
  }

  keys(): Promise<string[]> {
    return this.#act("list the keys in", (kernel) => {
      const ring = this.#findRing(kernel);
      const serials = ring === undefined ? [] : kernel.list(ring);
      return serials.map((serial) => kernel.describe(serial))
        .flatMap((found) => found?.type === "user" ? [found.description] : []);
    });
  }

  close(): void {}

  #findRing(kernel: KernelKeys): number | undefined {
    return kernel.findKeyring(kernel.specialKeyring("user"), this.#name);
  }

  #find(kernel: KernelKeys, key: string): { ring: number; serial: number } | undefined {
    const name = requireName(key);
    const ring = this.#findRing(kernel);
    const serial = ring && kernel.search(ring, name);
    return serial && { ring, serial } || undefined;
  }

  async #act<T>(doing: string, act: (kernel: KernelKeys) => T): Promise<T> {
    const kernel = await this.#host.native.kernelKeys();
    if (kernel === undefined) {
      throw new VaultError(
        "keyring-unavailable",
        `Cannot ${doing} the kernel: its keys are not available here`,
      );
    }
    try {
      return act(kernel);
    } catch (error) {
      if (error instanceof NativeFailure) throw kernelFailed(doing, error);
      throw error;
    }
  }
}

/**
 * The payload for some data, or `undefined` if the data are too large. A key's payload has 1 to
 * 32,767 bytes: the data themselves, so that `keyctl pipe` shows what `keyctl padd` may have stored.
 * Only data that are empty or begin with a NUL, which JSON never does, get a leading NUL.
 */
function encodePayload(data: Uint8Array): Uint8Array | undefined {
  if (data.length > LARGEST_DATA_BYTES) return undefined;
  if (data.length > 0 && data[0] !== 0) return data;
  const payload = new Uint8Array(data.length + 1);
  payload.set(data, 1);
  return payload;
}

/** The data of a payload. */
function decodePayload(payload: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return payload[0] === 0 ? payload.slice(1) : payload;
}

/** The kernel's names are C strings; a lone surrogate would be stored as another character. */
function requireName(key: string): string {
  const { length } = new TextEncoder().encode(key);
  if (length > 0 && length <= LONGEST_NAME_BYTES && !key.includes("\0") && key.isWellFormed()) {
    return key;
  }
  throw new VaultError(
    "unsupported",
    `Cannot keep ${quote(key)} in the kernel: this name is not possible for a kernel key`,
    {
      hints: ["Choose another profile name, or another --backend"],
    },
  );
}

function tooLarge(key: string): VaultError {
  return new VaultError(
    "unsupported",
    `Cannot store ${
      quote(key)
    } in the kernel: a kernel key holds at most ${LARGEST_DATA_BYTES} bytes`,
    { hints: ["Choose another --backend"] },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EPERM: "it is forbidden here, as in many containers",
  ENOSYS: "it does not support keys, or they are turned off here",
  EACCES: "the permissions of the key or its keyring do not allow it",
  EDQUOT:
    "the user's quota is used up (mostly 200 keys and 20,000 bytes together, see /proc/key-users)",
  ENOMEM: "it has no memory left",
};

const UNAVAILABLE: ReadonlySet<string> = new Set(["EPERM", "ENOSYS"]);

function reasonOf(failure: NativeFailure): string {
  return `The kernel's keys cannot be used: ${
    REASONS[failure.symbol] ?? asClause(failure.message)
  }`;
}

function kernelFailed(doing: string, failure: NativeFailure): VaultError {
  const { symbol } = failure;
  const code = UNAVAILABLE.has(symbol) ? "keyring-unavailable" : "keyring-failed";
  return new VaultError(
    code,
    `Cannot ${doing} the kernel: ${REASONS[symbol] ?? asClause(failure.message)}`,
    {
      cause: failure,
      hints: symbol === "EDQUOT"
        ? ["Remove keys (keyctl show @u lists them), or raise /proc/sys/kernel/keys/maxbytes"]
        : ["Choose another keystore: --backend=file needs nothing of the system"],
    },
  );
}
