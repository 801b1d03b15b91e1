/**
 * Seeds of MFA devices in the keystore, each a separate item, and the codes that are computed from them.
 *
 * Only for people who request it (`add --mfa-secret`, `mfa enroll --store`): key and MFA device are then in
 * one place, and anyone who can open it has both.
 */

import { VaultError } from "../errors.ts";
import type { Clock } from "../host.ts";
import type { Keyring, KeyringItem } from "../keyring.ts";
import { Secret } from "../secret.ts";
import type { Talk } from "../talk.ts";
import { commandLine, quote } from "../text.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import { totpName } from "./key_names.ts";
import { parseTotpSeed, totpCode, WINDOW_MS, windowOf } from "./totp.ts";

/** The dependencies of making a code. */
export interface TotpDeps {
  readonly host: { readonly clock: Clock; readonly talk: Talk };
  readonly cache: () => Promise<SessionCache>;
}

/** Stores the seed of a device, replacing the one before. */
export async function writeSeed(
  keyring: Keyring,
  name: string,
  serial: string,
  seed: Secret,
  how: Pick<KeyringItem, "standsAlone"> = {},
): Promise<void> {
  const fields = { SerialNumber: serial, Base32StringSeed: seed.reveal() };
  const data = new TextEncoder().encode(JSON.stringify(fields));
  await keyring.set(name, { data, label: `aws-vault MFA (${serial})`, ...how });
}

/** The seed in an item; `undefined` if there is none. Throws `damaged-item`, and never quotes the item. */
export async function readSeed(
  keyring: Keyring,
  name: string,
  serial: string,
): Promise<Secret | undefined> {
  const data = await keyring.get(name);
  if (data === undefined) return undefined;
  const seed = seedIn(data);
  if (seed !== undefined) return seed;
  throw new VaultError(
    "damaged-item",
    `Cannot read the stored seed of MFA device ${quote(serial)}: it is damaged`,
    { hints: [`Store it again: ${commandLine(["add", "--mfa-secret", "PROFILE"])}`] },
  );
}

function seedIn(data: Uint8Array): Secret | undefined {
  try {
    const fields = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
    const text: unknown = fields?.Base32StringSeed;
    return typeof text === "string" ? parseTotpSeed(new Secret(text)) : undefined;
  } catch {
    return undefined;
  }
}

/** The codes of one device whose seed may be stored, for one invocation. */
export interface StoredCodes {
  /** Whether its seed is stored; asks nobody, and is false if the keystore cannot be opened. */
  isStored(): Promise<boolean>;
  /**
   * Returns the next unused code and marks it as used: AWS accepts each code once (RFC 6238,
   * section 5.2). Waits for the next window if the current one's was used, up to 30 seconds. Throws
   * `no-credentials` if no seed is stored.
   *
   * Called under the lock of the device, so that two processes do not take the same code.
   */
  next(): Promise<Secret>;
}

/** The codes of a device from its stored seed. */
export function storedCodes(
  deps: TotpDeps & { readonly keyring: () => Promise<Keyring> },
  serial: string,
): StoredCodes {
  let makeNext: (() => Promise<Secret>) | undefined;
  return {
    async isStored() {
      try {
        return await (await deps.keyring()).has(totpName(serial));
      } catch (error) {
        if (error instanceof VaultError) return false;
        throw error;
      }
    },
    async next() {
      if (makeNext === undefined) {
        const seed = await readSeed(await deps.keyring(), totpName(serial), serial);
        if (seed === undefined) throw noStoredSeed(serial);
        makeNext = codesOf(deps, serial, seed);
      }
      return await makeNext();
    },
  };
}

/** Makes one code after the other from a seed, none twice: see {@linkcode StoredCodes.next}. */
function codesOf(deps: TotpDeps, serial: string, seed: Secret): () => Promise<Secret> {
  // In addition to the database, which cannot always be written.
  let last = -Infinity;
  return async () => {
    last = await takeWindow(deps, serial, { last, count: 1 });
    return await totpCode(seed, last);
  };
}

/** The codes of two consecutive unused windows; see {@linkcode codesOf}. */
export async function nextPair(
  deps: TotpDeps,
  serial: string,
  seed: Secret,
): Promise<{ readonly first: Secret; readonly second: Secret }> {
  const window = await takeWindow(deps, serial, { last: -Infinity, count: 2 });
  return { first: await totpCode(seed, window - 1), second: await totpCode(seed, window) };
}

/** Waits until the last `count` windows are unused, marks them as used and returns the last. */
async function takeWindow(
  { host: { clock, talk }, cache }: TotpDeps,
  serial: string,
  { last, count }: { readonly last: number; readonly count: number },
): Promise<number> {
  const opened = await cache();
  const noted = opened.keyCreated(totpName(serial));
  const used = Math.max(last, noted === undefined ? -Infinity : windowOf(noted));
  const now = clock.now();
  const current = windowOf(now);
  // After a clock was set back, nobody must have to wait for long.
  const window = used > current + count ? current : Math.max(current, used + count);
  if (window > current) {
    const waitMs = window * WINDOW_MS - now.epochMilliseconds;
    const seconds = Math.ceil(waitMs / 1000);
    talk.insist(
      `The last code of MFA device ${quote(serial)} was used: waiting ${seconds} s for the next`,
    );
    await clock.sleep(waitMs);
  }
  const began = Temporal.Instant.fromEpochMilliseconds(window * WINDOW_MS);
  opened.noteKeyCreated(totpName(serial), began);
  return window;
}
/** The error for a device whose seed is not stored. */
export function noStoredSeed(serial: string): VaultError {
  return new VaultError(
    "no-credentials",
    `Cannot generate a code of MFA device ${quote(serial)}: its seed is not stored`,
    { hints: [`Store it: ${commandLine(["add", "--mfa-secret", "PROFILE"])}`] },
  );
}
