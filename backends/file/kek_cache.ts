/**
 * The unlock that lasts: what opens an item stays in the kernel's session keyring for some minutes, so
 * that an hour of work asks for the passphrase once and a cached call does not pay for PBKDF2 again.
 *
 * Until the key expires, every process that has this session keyring can use it: the login session and
 * everything started in it, even a process that became another user there and kept the keyring (`su`,
 * `setuid`), because the kernel checks who possesses a key, not who owns it. A process of the same user
 * with another session keyring (a cron job, another login) has no rights on these keys, and asks for the
 * passphrase itself. A process of the session could also ask this program for credentials, or show a
 * false prompt; it must not gain more than that:
 *
 * - The passphrase is never kept, nor anything against which a guess could be tested: a key's
 *   description (which can outlast the key in a log, or in a copy of /proc/keys) is a hash of what is in
 *   the item's file. So an available passphrase costs its 600,000 rounds even while the store is
 *   unlocked: anything that rejects a wrong one sooner also helps an attacker who guesses.
 * - A key opens one text of one item: PBES2 salts every item, and a rewritten item has a new salt.
 * - Nobody can write into a key, or extend its lifetime.
 * - Only the data key of the session cache and the key that was used are kept, not the whole store;
 *   a child of `exec` gets only the data key, in a separate session keyring.
 * - What is kept for the next items (`next_keys.ts`) opens nothing that is stored.
 * - Other processes of the user may be able to join the session keyring: the kernel gives a process that
 *   has none the user's, which all such processes share; `keyctl session NAME` makes a named one. Such a
 *   child would only have to ask for the key, so there only the data key is kept, unless the person
 *   requests more.
 *
 * The data key of the session cache, which every cached call needs, is kept decrypted: it is worth as
 * much as the key of its item, and saves decrypting it. The kernel never writes any of this to a disk.
 */

import type { Host } from "../../src/host.ts";
import { type KernelKeys, type Native, NativeFailure } from "../../src/native.ts";

/** View, read, search and link for anyone who has the session keyring; nothing for anyone else. */
const PERMISSIONS = 0x1b000000;
/**
 * Rights on a keyring that let the user's other login sessions find or link its contents, or change
 * its rights.
 */
const JOINABLE = 0x003c0000;
const KEK_PREFIX = "aws-vault:kek:";
const DATA_KEY_PREFIX = "aws-vault:data-key:";
/** Other versions of this program use the same prefix for what they keep. */
const OUR_PREFIX = "aws-vault:";
/** Of the keys for items that are not stored yet (`next_keys.ts`). */
export const NEXT_KEY_PREFIX = "aws-vault:next-key:";
/** Of a key-encryption key. */
export const KEK_BYTES = 16;
/** The kernel counts in 32 bits. */
const LONGEST_SECONDS = 0x7fff_ffff;
/** How many bytes before a payload give the end of its key. */
const END_BYTES = 8;

type Salt = Uint8Array<ArrayBuffer>;

/** What outlasts the process. Where the kernel forbids it, nothing is kept, silently. */
export interface KekCache {
  /** The key for a salt and a number of rounds. Only the item can show whether it fits. */
  find(salt: Salt, rounds: number): Promise<CryptoKey | undefined>;
  /** Keeps a key that has opened its item, and returns whether it is kept. */
  keep(salt: Salt, rounds: number, kek: CryptoKey): Promise<boolean>;
  /** The content of an item that was opened from exactly this text. Kept only for the data key. */
  findOpened(text: string): Promise<string | undefined>;
  keepOpened(text: string, opened: string): Promise<boolean>;
  /** Whether no key of an item is kept because others can join the session keyring. */
  isShared(): Promise<boolean>;
}

/** What keeping touches. */
export type KekCacheDeps = Pick<Host, "clock"> & {
  readonly native?: Pick<Native, "kernelKeys"> | undefined;
};

/** How long something is kept, and where. */
export interface KekCacheOptions {
  /** Counted from when it is kept; 0: not beyond now. */
  readonly seconds: number;
  /** Also keep keys of items where others can join the session keyring. */
  readonly evenShared?: boolean | undefined;
}

/** What this login session keeps. */
export function kekCache(deps: KekCacheDeps, options: KekCacheOptions): KekCache | undefined {
  const { native, clock } = deps;
  if (options.seconds <= 0 || native === undefined) return undefined;
  const seconds = Math.min(options.seconds, LONGEST_SECONDS);
  const find = async (description: string) => {
    const kernel = await native.kernelKeys();
    return kernel && unlessForbidden(() => read(kernel, description)?.payload);
  };
  const keep = async (description: string, payload: Uint8Array, isOfItem: boolean) => {
    const kernel = await native.kernelKeys();
    const end = clock.now().epochMilliseconds + seconds * 1000;
    return kernel !== undefined && unlessForbidden(() => {
          if (isOfItem && !options.evenShared && isShared(kernel)) return false;
          // A short unlock does not shorten a longer one.
          if ((read(kernel, description)?.end ?? 0) < end) {
            write(kernel, description, { end, payload }, seconds);
          }
          return true;
        }) === true;
  };
  return {
    async find(salt, rounds) {
      const bytes = await find(await describeKek(salt, rounds));
      if (bytes?.length !== KEK_BYTES) return undefined;
      const { importKek } = await import("./jwe.ts");
      return await importKek(bytes);
    },
    async keep(salt, rounds, kek) {
      const bytes = new Uint8Array(await crypto.subtle.exportKey("raw", kek));
      return await keep(await describeKek(salt, rounds), bytes, true);
    },
    async findOpened(text) {
      const bytes = await find(await describeOpened(text));
      return bytes && new TextDecoder().decode(bytes);
    },
    async keepOpened(text, opened) {
      return await keep(await describeOpened(text), new TextEncoder().encode(opened), false);
    },
    async isShared() {
      const kernel = await native.kernelKeys();
      return kernel !== undefined && !options.evenShared &&
        unlessForbidden(() => isShared(kernel)) === true;
    },
  };
}

/** Whether processes of the user that were not started in this session keyring can access it. */
export function isShared(kernel: KernelKeys): boolean {
  const facts = kernel.describe(kernel.specialKeyring("session"));
  return facts === undefined || (facts.permissions & JOINABLE) !== 0;
}

const PREFIXES = { any: OUR_PREFIX, "data-key": DATA_KEY_PREFIX, "next-key": NEXT_KEY_PREFIX };

/** Whether a key of the session is ours, or of one of our kinds. */
export function isOurs(
  kernel: KernelKeys,
  serial: number,
  kind: keyof typeof PREFIXES,
): boolean {
  // A key that cannot be described is not ours.
  const facts = unlessForbidden(() => kernel.describe(serial));
  const prefix = PREFIXES[kind];
  return facts?.type === "user" && facts.description.startsWith(prefix);
}

interface Kept {
  /** In milliseconds since 1970. */
  readonly end: number;
  readonly payload: Uint8Array;
}

function read(kernel: KernelKeys, description: string) {
  const serial = kernel.search(kernel.specialKeyring("session"), description);
  const bytes = serial === undefined ? undefined : kernel.read(serial);
  if (bytes === undefined || bytes.length < END_BYTES) return undefined;
  return { end: new DataView(bytes.buffer).getFloat64(0), payload: bytes.subarray(END_BYTES) };
}

function write(kernel: KernelKeys, description: string, kept: Kept, seconds: number): void {
  const bytes = new Uint8Array(END_BYTES + kept.payload.length);
  new DataView(bytes.buffer).setFloat64(0, kept.end);
  bytes.set(kept.payload, END_BYTES);
  keepInSession(kernel, description, bytes, seconds);
}

/** Puts a key into the session keyring, and overwrites the bytes that it was made from. */
export function keepInSession(
  kernel: KernelKeys,
  description: string,
  bytes: Uint8Array,
  seconds: number,
): void {
  const options = { permissions: PERMISSIONS, expireAfterSeconds: seconds };
  try {
    kernel.add(kernel.specialKeyring("session"), description, bytes, options);
  } finally {
    bytes.fill(0);
  }
}

/** Only salt and rounds distinguish the keys of one passphrase, and both are in the item's file. */
async function describeKek(salt: Salt, rounds: number): Promise<string> {
  return KEK_PREFIX + await hash(`${rounds} ${salt.toHex()}`);
}

async function describeOpened(text: string): Promise<string> {
  return DATA_KEY_PREFIX + await hash(text);
}

async function hash(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Containers forbid the calls, quotas run out, keyrings of ended sessions are revoked: all are a miss. */
export function unlessForbidden<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof NativeFailure) return undefined;
    throw error;
  }
}
