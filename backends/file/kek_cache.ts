/**
 * The unlock that lasts: key-encryption keys of items rest in the kernel's session keyring for some
 * minutes, so that a session of work asks for the passphrase once (pains row 8) and a cached call
 * does not pay for PBKDF2 again.
 *
 * Who can use it: every process of the login session, until the key's time is over. Such a process
 * could as well ask this program for credentials, attach a debugger to it, or show a false prompt; it
 * shall not win more than that. So the passphrase never rests here, only what opens one text of one
 * item each: PBES2 salts every item, and a rewritten one anew, so that the key of a text that was
 * replaced, or that had another passphrase, opens nothing that is there. Other users have no rights on
 * these keys, nor have the user's other sessions (a cron job, another login): each asks for itself.
 * The data key of the session cache, which every cached call needs, rests opened: it is worth what the
 * key of its item is worth, and saves the opening.
 * A passphrase that lies ready (in the environment) is not taken on trust while the store is unlocked:
 * its keys rest a second time under a name that only it leads to, by {@linkcode quickProof}.
 * The kernel never writes them to a disk. Where a process was given no keyring of its session the
 * kernel takes the user's for it, and all such processes of the user share what is unlocked.
 */

import { type KernelKeys, type Native, NativeFailure } from "../../src/native.ts";

/** Everything for whoever has the session keyring, nothing for the rest of the user's processes. */
const PERMISSIONS = 0x3f000000;
const PREFIX = "aws-vault:kek:";
const READY_PREFIX = "aws-vault:ready-kek:";
const TEXT_PREFIX = "aws-vault:opened:";
const KEK_BYTES = 16;
/** The kernel counts in 32 bits. */
const LONGEST_SECONDS = 0x7fff_ffff;

type Salt = Uint8Array<ArrayBuffer>;

/** Keys that outlast the process; where the kernel forbids it, it silently keeps none. */
export interface KekCache {
  /**
   * The key of a salt and a number of rounds; whether it fits, only the item can say. With a proof:
   * only one that was kept with the same.
   */
  find(salt: Salt, rounds: number, proof?: string): Promise<CryptoKey | undefined>;
  /** Keeps a key that has opened its item; with a proof, to be found by it as well. */
  keep(salt: Salt, rounds: number, kek: CryptoKey, proof?: string): Promise<void>;
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
  const write = async (descriptions: readonly string[], bytes: Uint8Array<ArrayBuffer>) => {
    const kernel = await native.kernelKeys();
    for (const description of kernel ? descriptions : []) {
      unlessForbidden(() =>
        kernel!.add(kernel!.specialKeyring("session"), description, bytes, {
          permissions: PERMISSIONS,
          expireAfterSeconds: Math.min(seconds, LONGEST_SECONDS),
        })
      );
    }
    bytes.fill(0);
  };
  return {
    async find(salt, rounds, proof) {
      const bytes = await read(await describe(salt, rounds, proof));
      if (bytes?.length !== KEK_BYTES) return undefined;
      const { importKek } = await import("./jwe.ts");
      return await importKek(bytes);
    },
    async findOpened(text) {
      const bytes = await read(TEXT_PREFIX + await hash(text));
      return bytes && new TextDecoder().decode(bytes);
    },
    async keepOpened(text, opened) {
      await write([TEXT_PREFIX + await hash(text)], new TextEncoder().encode(opened));
    },
    async keep(salt, rounds, kek, proof) {
      const descriptions = [await describe(salt, rounds)];
      if (proof !== undefined) descriptions.push(await describe(salt, rounds, proof));
      // A copy: Deno 2.7 gives out the key's own memory, and what is wiped afterwards would be the key.
      const bytes = new Uint8Array(await crypto.subtle.exportKey("raw", kek)).slice();
      await write(descriptions, bytes);
    },
  };
}

/** Forgets all keys of this login session, of whatever store, and says how many there were. */
export async function forgetKeks(native: Pick<Native, "kernelKeys">): Promise<number> {
  const kernel = await native.kernelKeys();
  return kernel && unlessForbidden(() => forgetAll(kernel)) || 0;
}

function forgetAll(kernel: KernelKeys): number {
  const session = kernel.specialKeyring("session");
  const forget = (prefix: string) =>
    kernel.list(session)
      .filter((serial) => kernel.describe(serial)?.description.startsWith(prefix))
      .filter((serial) => kernel.unlink(serial, session)).length;
  forget(READY_PREFIX);
  forget(TEXT_PREFIX);
  return forget(PREFIX);
}

/** A tenth of a cached call's time; 2.4 times the rounds with which the other tool keeps its files. */
const PROOF_ROUNDS = 20_000;

/**
 * What tells a passphrase from others without its 600,000 rounds: about 2 ms instead of 70.
 *
 * It goes into a name in the session keyring, hashed once more. Whoever can read that keyring, and so
 * has the store open anyway, could try passphrases at these rounds for as long as the unlock lasts.
 */
export async function quickProof(passphrase: string, salt: Salt): Promise<string> {
  const bytes = new TextEncoder().encode(passphrase);
  const base = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveBits"]);
  const label = new TextEncoder().encode("aws-vault unlock\0");
  const bits = await crypto.subtle.deriveBits(
    {
      name: "PBKDF2",
      hash: "SHA-256",
      salt: new Uint8Array([...label, ...salt]),
      iterations: PROOF_ROUNDS,
    },
    base,
    256,
  );
  return new Uint8Array(bits).toHex();
}

/** Salt and rounds are all that tells keys apart; hashed, since /proc/keys shows descriptions to others. */
async function describe(salt: Salt, rounds: number, proof?: string): Promise<string> {
  const parts = [rounds, salt.toHex(), ...(proof === undefined ? [] : [proof])];
  return (proof === undefined ? PREFIX : READY_PREFIX) + await hash(parts.join(" "));
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
