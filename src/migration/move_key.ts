/**
 * Moves a profile's key from one keyring to another, so that at least one of them has it at every moment:
 * written, read back, compared, and only then removed from the source.
 */

import { pendingName } from "../credentials/key_names.ts";
import { decodeStoredKey, type StoredKey } from "../credentials/long_term_key.ts";
import { hasCode, VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { commandLine, quote } from "../text.ts";
import { isSameData, storeVerified } from "./store_verified.ts";

/** The two keyrings, and the callback for a change of either. */
export interface MoveDeps {
  readonly from: Keyring;
  readonly to: Keyring;
  /**
   * Makes every session of the profile's key a miss. Called before and after a keyring changes:
   * if the process dies in between, no session of another key can be found.
   */
  readonly forgetSessions: (changed: Keyring, profile: string) => Promise<void>;
}

/** The person's choices. */
export interface MoveOptions {
  /** Whether another key in the target may be replaced. */
  readonly overwrite: boolean;
  readonly deleteSource: boolean;
}

/** The result. */
export interface Moved {
  readonly how: "copied" | "replaced" | "already-there";
  readonly isSourceRemoved: boolean;
}

/**
 * Copies one key, and removes its source if requested.
 *
 * Throws `conflict` if the target has another key, if a rotation is pending in either keyring
 * (its record belongs with the key, and refers to only one keyring), or if the source changed in
 * the meantime; `damaged-item` for an item that is not a key; and the keyrings' errors.
 */
export async function moveKey(
  deps: MoveDeps,
  profile: string,
  options: MoveOptions,
): Promise<Moved> {
  const { from, to } = deps;
  for (const keyring of [from, to]) await requireNoRotation(keyring, profile);
  const data = await from.get(profile);
  if (data === undefined) throw gone(from, profile);
  const how = await compare(to, profile, decodeStoredKey(data, profile), options);
  if (how !== "already-there") {
    await deps.forgetSessions(to, profile);
    await storeVerified(to, profile, data);
    await deps.forgetSessions(to, profile);
  }
  if (options.deleteSource) await removeSource(deps, profile, data);
  return { how, isSourceRemoved: options.deleteSource };
}

/** Throws `conflict` if a rotation of the profile's key is recorded in the keyring. */
export async function requireNoRotation(keyring: Keyring, profile: string): Promise<void> {
  if (!await keyring.has(pendingName(profile))) return;
  throw new VaultError(
    "conflict",
    `A rotation of profile ${quote(profile)} is pending in ${keyring.backend}`,
    {
      hints: [
        `Finish it first: ${
          commandLine(["rotate", "--resume", `--backend=${keyring.backend}`], profile)
        }`,
      ],
    },
  );
}

async function compare(
  to: Keyring,
  profile: string,
  source: StoredKey,
  { overwrite }: MoveOptions,
): Promise<Moved["how"]> {
  const present = await readPresent(to, profile, overwrite);
  if (present === undefined) return "copied";
  if (present !== "damaged" && holdsAll(present, source)) return "already-there";
  if (overwrite) return "replaced";
  throw new VaultError(
    "conflict",
    `${to.backend} has another key for profile ${quote(profile)}`,
    { hints: ["Replace it: --overwrite"] },
  );
}

async function readPresent(
  to: Keyring,
  profile: string,
  overwrite: boolean,
): Promise<StoredKey | undefined | "damaged"> {
  try {
    const data = await to.get(profile);
    return data === undefined ? undefined : decodeStoredKey(data, profile);
  } catch (error) {
    if (overwrite && hasCode(error, "damaged-item")) return "damaged";
    throw error;
  }
}

/** What Go writes for an empty field. */
const EMPTY_VALUES: readonly unknown[] = ["", false, null, "0001-01-01T00:00:00Z"];

/** Whether an item is the same key, and has every field of the other. */
function holdsAll(present: StoredKey, source: StoredKey): boolean {
  const isSameKey = present.accessKeyId === source.accessKeyId &&
    present.secretAccessKey.reveal() === source.secretAccessKey.reveal();
  return isSameKey &&
    Object.entries(source.otherFields).every(([name, value]) =>
      EMPTY_VALUES.includes(value) ||
      JSON.stringify(present.otherFields[name]) === JSON.stringify(value)
    );
}

/** Removes only what was compared: another process may have stored a new key since then. */
async function removeSource(deps: MoveDeps, profile: string, data: Uint8Array): Promise<void> {
  const { from, to } = deps;
  if (!isSameData(await from.get(profile), data)) {
    throw new VaultError(
      "conflict",
      `The key of profile ${quote(profile)} changed in ${from.backend} while it was copied`,
      { hints: [`The new one is still there; try again, with --overwrite for ${to.backend}`] },
    );
  }
  await deps.forgetSessions(from, profile);
  await from.remove(profile);
  await deps.forgetSessions(from, profile);
}

function gone(from: Keyring, profile: string): VaultError {
  return new VaultError(
    "no-credentials",
    `${from.backend} has no key for profile ${quote(profile)}`,
  );
}
