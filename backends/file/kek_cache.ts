/**
 * The unlock that lasts: what opens an item stays in the kernel's session keyring for some minutes,
 * so that an hour of work asks for the passphrase once and a cached call does not pay for PBKDF2
 * again.
 *
 * Who can use it: every process that has this session keyring, until the key's time is over. That is
 * the login session with all that is started in it, also a process that has become another user there
 * and kept the keyring (`su`, `setuid`): the kernel asks who possesses a key, and not whose it is. A
 * process of the same user with another session keyring (a cron job, another login) has no rights on
 * these keys, and asks for itself. Such a process of the session could as well ask this program for
 * credentials, or show a false prompt; it must not win more than that:
 *
 * - The passphrase is never kept, nor anything that a guess of it could be tried on: a key's description
 *   (which can outlast the key in a log, or in a copy of /proc/keys) is a hash of what is in the
 *   item's file. So a passphrase that lies ready costs its 600,000 rounds also while the store is
 *   unlocked: whatever shows a wrong one sooner shows it to an attacker who guesses, too.
 * - A key opens one text of one item: PBES2 salts every item, and a rewritten one with a new salt.
 * - Nobody can write into a key, or put off its end.
 * - What is kept is the data key of the session cache, and the key that was used, not the whole store;
 *   a child of `exec` gets the data key alone, in a session keyring of its own.
 * - Where others of the user can join the session keyring (the kernel gives a process that has none
 *   the user's, which all such processes share; `keyctl session NAME` makes one by name) such a child
 *   would only have to ask for it: there the data key alone is kept, unless the person requests more.
 *
 * The data key of the session cache, which every cached call needs, is kept open: it is worth what the
 * key of its item is worth, and saves the opening. The kernel never writes any of this to a disk.
 */

import type { Host } from "../../src/host.ts";
import { type KernelKeys, type Native, NativeFailure } from "../../src/native.ts";

/** View, read, search and link for anyone who has the session keyring; nothing for anybody else. */
const PERMISSIONS = 0x1b000000;
/**
 * Of a keyring: what lets the user's other login sessions find or link what is in it, or change its
 * rights.
 */
const JOINABLE = 0x003c0000;
const KEK_PREFIX = "aws-vault:kek:";
const DATA_KEY_PREFIX = "aws-vault:data-key:";
/** What other versions of this program kept begins so, too. */
const OUR_PREFIX = "aws-vault:";
const KEK_BYTES = 16;
/** The kernel counts in 32 bits. */
const LONGEST_SECONDS = 0x7fff_ffff;
/** How many bytes in front of a payload say when its key ends. */
const END_BYTES = 8;

type Salt = Uint8Array<ArrayBuffer>;

/** What outlasts the process; where the kernel forbids it, it silently keeps nothing. */
export interface KekCache {
  /** The key of a salt and a number of rounds; whether it fits, only the item can say. */
  find(salt: Salt, rounds: number): Promise<CryptoKey | undefined>;
  /** Keeps a key that has opened its item, and says whether it is kept. */
  keep(salt: Salt, rounds: number, kek: CryptoKey): Promise<boolean>;
  /** What an item's text, to the letter, was when it was opened; kept for the data key only. */
  findOpened(text: string): Promise<string | undefined>;
  keepOpened(text: string, opened: string): Promise<boolean>;
  /** Whether no key of an item is kept since others can join the session keyring. */
  isShared(): Promise<boolean>;
}

/** What keeping touches. */
export type KekCacheDeps = Pick<Host, "clock"> & {
  readonly native?: Pick<Native, "kernelKeys"> | undefined;
};

/** How long something is kept, and where. */
export interface KekCacheOptions {
  /** From when it is kept; 0: no longer than now. */
  readonly seconds: number;
  /** Also keys of items where others can join the session keyring. */
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
          // A short unlock does not cut a longer one.
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

/** Whether a process of the user can get at this session keyring that was not started in it. */
export function isShared(kernel: KernelKeys): boolean {
  const facts = kernel.describe(kernel.specialKeyring("session"));
  return facts === undefined || (facts.permissions & JOINABLE) !== 0;
}

/** Whether a key of the session is ours; with `data-key`: of the session cache's data key. */
export function isOurs(kernel: KernelKeys, serial: number, kind: "any" | "data-key"): boolean {
  // One that cannot even be looked at is not ours.
  const facts = unlessForbidden(() => kernel.describe(serial));
  const prefix = kind === "any" ? OUR_PREFIX : DATA_KEY_PREFIX;
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
  const options = { permissions: PERMISSIONS, expireAfterSeconds: seconds };
  try {
    kernel.add(kernel.specialKeyring("session"), description, bytes, options);
  } finally {
    bytes.fill(0);
  }
}

/**
 * Salt and rounds are all that distinguishes the keys of one passphrase, and stand in the item's
 * file.
 */
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

/** Containers forbid the calls, quotas end, keyrings of sessions that are over are revoked: all are a miss. */
export function unlessForbidden<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof NativeFailure) return undefined;
    throw error;
  }
}
