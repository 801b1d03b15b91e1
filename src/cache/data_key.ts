import { hasCode, VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { DATA_KEY_NAME, type Keyring } from "../keyring.ts";
import type { Talk } from "../talk.ts";
import { type DataKey, describeDataKey, importDataKey } from "./seal.ts";

const KEY_BYTES = 32;
const DESCRIPTION =
  "Seals the cached sessions of aws-vault; without it they are only obtained again";

/** What making a data key needs besides the keyring. */
export type DataKeyDeps =
  & Pick<Host, "files" | "clock" | "random" | "env" | "platform">
  & { readonly talk: Talk };

/** The data key in a keyring, or `undefined` where there is none, or none that can be used. */
export async function readDataKey(keyring: Keyring): Promise<DataKey | undefined> {
  const item = await readItem(keyring);
  return item === "damaged" ? undefined : item && await importDataKey(item.key, item.id);
}

/**
 * Whether a data key that cannot be read is a miss: a damaged item, one of another passphrase or
 * owner. A locked keystore is not a miss, and neither is a person who is needed, or who dismissed a
 * prompt.
 */
export function isUnreadable(error: unknown): error is VaultError {
  return error instanceof VaultError &&
    !hasCode(error, "keyring-locked", "needs-person", "wait-timeout", "interrupted", "internal");
}

/**
 * The data key in a keyring, made where there is none.
 *
 * It is made under a lock and read again afterwards: of two first runs both use the key that stayed,
 * even on a folder without locks.
 */
export async function obtainDataKey(deps: DataKeyDeps, keyring: Keyring): Promise<DataKey> {
  const known = await readDataKey(keyring);
  if (known) return known;
  // Loaded here: what is cached is found without it.
  const { lockPath, withLock } = await import("../lock.ts");
  return await withLock(deps, {
    path: await lockPath(deps, "data-key"),
    purpose: "Cannot make the key of the session cache",
    profile: null,
  }, () => readOrMake(deps, keyring));
}

async function readOrMake(deps: DataKeyDeps, keyring: Keyring): Promise<DataKey> {
  const item = await readItem(keyring);
  if (typeof item === "object") return await importDataKey(item.key, item.id);
  if (item === "damaged") {
    deps.talk.note("The key of the session cache was damaged, and is replaced by a new one");
  }
  const key = deps.random.bytes(KEY_BYTES);
  const text = JSON.stringify({ version: 1, key: key.toBase64(), id: await describeDataKey(key) });
  const data = new TextEncoder().encode(text);
  const label = "aws-vault (session cache)";
  await keyring.set(DATA_KEY_NAME, { data, label, description: DESCRIPTION });
  const kept = await readDataKey(keyring);
  if (kept) return kept;
  throw new VaultError("keyring-failed", "The keyring did not keep the key of the session cache");
}

interface Item {
  readonly key: Uint8Array<ArrayBuffer>;
  /** Beside the key, so that a cached call need not compute it. */
  readonly id: string | undefined;
}

/** What is kept, `undefined` where there is no item, `damaged` where it is not one. */
async function readItem(keyring: Keyring): Promise<Item | undefined | "damaged"> {
  try {
    const data = await keyring.get(DATA_KEY_NAME);
    return data && (parseItem(new TextDecoder().decode(data)) ?? "damaged");
  } catch (error) {
    if (hasCode(error, "damaged-item")) return "damaged";
    throw error;
  }
}

function parseItem(text: string): Item | undefined {
  try {
    const parsed = JSON.parse(text);
    const key = Uint8Array.fromBase64(parsed.key);
    const id = /^[0-9a-f]{16}$/.test(parsed.id) ? String(parsed.id) : undefined;
    return key.length === KEY_BYTES ? { key, id } : undefined;
  } catch {
    return undefined;
  }
}
