/**
 * The unlock that lasts: what opens an item rests in the kernel's session keyring for some minutes, so
 * that a session of work asks for the passphrase once and a cached call does not pay for PBKDF2 again.
 *
 * Who can use it: every process that has this session keyring, until the key's time is over. That is
 * the login session with all that is started in it, also a process that has become another user there
 * and kept the keyring (`su`, `setuid`): the kernel asks who possesses a key, and not whose it is. A
 * process of the same user with another session keyring (a cron job, another login) has no rights on
 * these keys, and asks for itself. Such a process of the session could as well ask this program for
 * credentials, or show a false prompt; it shall not win more than that:
 *
 * - The passphrase never rests, nor anything that a guess of it could be tried on: a key's description
 *   (which can outlast the key in a log, or in a copy of /proc/keys) is a hash of what stands in the
 *   item's file. So a passphrase that lies ready costs its 600,000 rounds also while the store is
 *   unlocked: whatever would tell a wrong one sooner, would tell it to whoever guesses, too.
 * - A key opens one text of one item: PBES2 salts every item, and a rewritten one with a new salt.
 * - Nobody can write into a key, or put off its end.
 *
 * The data key of the session cache, which every cached call needs, rests opened: it is worth what the
 * key of its item is worth, and saves the opening. The kernel never writes any of this to a disk.
 */

import { type KernelKeys, type Native, NativeFailure } from "../../src/native.ts";

/** View, read, search and link for whoever has the session keyring; nothing for anybody else. */
const PERMISSIONS = 0x1b000000;
const KEK_PREFIX = "aws-vault:kek:";
const DATA_KEY_PREFIX = "aws-vault:data-key:";
/** What other versions of this program kept goes away with ours. */
const OUR_PREFIX = "aws-vault:";
const KEK_BYTES = 16;
/** The kernel counts in 32 bits. */
const LONGEST_SECONDS = 0x7fff_ffff;

type Salt = Uint8Array<ArrayBuffer>;

/** Keys that outlast the process; where the kernel forbids it, it silently keeps none. */
export interface KekCache {
  /** The key of a salt and a number of rounds; whether it fits, only the item can say. */
  find(salt: Salt, rounds: number): Promise<CryptoKey | undefined>;
  /** Keeps a key that has opened its item. */
  keep(salt: Salt, rounds: number, kek: CryptoKey): Promise<void>;
  /** What an item's text, to the letter, was when it was opened; kept for the data key only. */
  findOpened(text: string): Promise<string | undefined>;
  keepOpened(text: string, opened: string): Promise<void>;
}

/** The keys of this login session, kept for so many seconds from when they are kept; 0: no longer than now. */
export function kekCache(
  native: Pick<Native, "kernelKeys"> | undefined,
  seconds: number,
): KekCache | undefined {
  if (seconds <= 0 || native === undefined) return undefined;
  const read = async (description: string) => {
    const kernel = await native.kernelKeys();
    return kernel && unlessForbidden(() => {
      const serial = kernel.search(kernel.specialKeyring("session"), description);
      return serial === undefined ? undefined : kernel.read(serial);
    });
  };
  const write = async (description: string, bytes: Uint8Array<ArrayBuffer>) => {
    const kernel = await native.kernelKeys();
    const options = {
      permissions: PERMISSIONS,
      expireAfterSeconds: Math.min(seconds, LONGEST_SECONDS),
    };
    unlessForbidden(() =>
      kernel?.add(kernel.specialKeyring("session"), description, bytes, options)
    );
    bytes.fill(0);
  };
  return {
    async find(salt, rounds) {
      const bytes = await read(await describeKek(salt, rounds));
      if (bytes?.length !== KEK_BYTES) return undefined;
      const { importKek } = await import("./jwe.ts");
      return await importKek(bytes);
    },
    async findOpened(text) {
      const bytes = await read(await describeOpened(text));
      return bytes && new TextDecoder().decode(bytes);
    },
    async keepOpened(text, opened) {
      await write(await describeOpened(text), new TextEncoder().encode(opened));
    },
    async keep(salt, rounds, kek) {
      // A copy: Deno 2.7 gives out the key's own memory, and what is wiped afterwards would be the key.
      const bytes = new Uint8Array(await crypto.subtle.exportKey("raw", kek)).slice();
      await write(await describeKek(salt, rounds), bytes);
    },
  };
}

/**
 * Forgets all keys of this login session, of whatever store, and says how many there were.
 *
 * They are invalidated, not unlinked: a program of the session may have linked one to a keyring of its
 * own, where it would live on.
 */
export async function forgetKeks(native: Pick<Native, "kernelKeys">): Promise<number> {
  const kernel = await native.kernelKeys();
  return kernel && unlessForbidden(() => forgetAll(kernel)) || 0;
}

function forgetAll(kernel: KernelKeys): number {
  return kernel.list(kernel.specialKeyring("session"))
    .filter((serial) => isOurs(kernel, serial))
    .filter((serial) => unlessForbidden(() => kernel.invalidate(serial)))
    .length;
}

/** A key that may not even be looked at is none of ours. */
function isOurs(kernel: KernelKeys, serial: number): boolean {
  const facts = unlessForbidden(() => kernel.describe(serial));
  return facts?.type === "user" && facts.description.startsWith(OUR_PREFIX);
}

/** Salt and rounds are all that tells the keys of one passphrase apart, and stand in the item's file. */
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
function unlessForbidden<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof NativeFailure) return undefined;
    throw error;
  }
}
