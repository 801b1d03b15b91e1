import { hasCode, VaultError } from "../errors.ts";
import { DATA_KEY_NAME, type Keyring } from "../keyring.ts";
import { type Talk, type TalkingHost, warnOnce } from "../talk.ts";
import { asClause, quote } from "../text.ts";
import { type DataKey, describeDataKey, importDataKey } from "./seal.ts";

const KEY_BYTES = 32;
const DESCRIPTION = "Encrypts the cached sessions of aws-vault; without it they are obtained again";

/** What is needed to make a data key, besides the keyring. */
export type DataKeyDeps = Pick<
  TalkingHost,
  "files" | "clock" | "random" | "env" | "platform" | "talk"
>;

/** The data key in a keyring, or `undefined` if there is none, or no usable one. */
export async function readDataKey(keyring: Keyring): Promise<DataKey | undefined> {
  const item = await readItem(keyring);
  return item === "damaged" ? undefined : item && await toDataKey(item);
}

/**
 * Whether a failure to read the data key counts as a miss: a damaged item, or another passphrase or
 * owner. A locked keystore is not a miss, nor is the need for a person, or a prompt that a person
 * dismissed.
 */
export function isUnreadable(error: unknown): error is VaultError {
  return error instanceof VaultError &&
    !hasCode(error, "keyring-locked", "needs-person", "wait-timeout", "interrupted", "internal");
}

/**
 * The data key in a keyring, made if there is none.
 *
 * It is made under a lock and read back afterwards: two first invocations both use the key that stayed,
 * even in a folder without locks. `onMade`: nothing can open what an earlier key sealed.
 */
export async function obtainDataKey(
  deps: DataKeyDeps,
  keyring: Keyring,
  onMade: () => void,
): Promise<DataKey> {
  const known = await readDataKey(keyring);
  return known ?? await whileLocked(deps, () => readOrMake(deps, keyring, onMade));
}

/**
 * Records beside the data key that a stored key is being changed: rows of that key that were sealed
 * before become a miss. Without an item there is nothing to write.
 */
export async function noteChange(
  deps: DataKeyDeps,
  keyring: Keyring,
  keyName: string,
): Promise<void> {
  if (!await keyring.has(DATA_KEY_NAME)) return;
  await whileLocked(deps, async () => {
    const item = await readItem(keyring);
    if (typeof item !== "object") return;
    const now = deps.clock.now().epochMilliseconds;
    const recent = [...item.changed].filter(([, { at }]) => now - at < LONGEST_SESSION_MS);
    const changes = item.changes + 1;
    const changed = new Map([...recent, [keyName, { change: changes, at: now }]]);
    await writeItem(keyring, { ...item, changes, changed });
  });
}

/** AWS's longest session (STS API, GetSessionToken): no session is left from before an older change. */
export const LONGEST_SESSION_MS = 36 * 3_600_000;

async function whileLocked<T>(deps: DataKeyDeps, action: () => Promise<T>): Promise<T> {
  // Loaded here, since a cache hit does not need it.
  const { lockPath, withLock } = await import("../lock.ts");
  return await withLock(deps, {
    path: await lockPath(deps, "data-key"),
    purpose: "Cannot write the key of the session cache",
    profile: null,
  }, action);
}

async function readOrMake(
  deps: DataKeyDeps,
  keyring: Keyring,
  onMade: () => void,
): Promise<DataKey> {
  const item = await readItem(keyring);
  if (typeof item === "object") return await toDataKey(item);
  if (item === "damaged") {
    deps.talk.note("The key of the session cache was damaged, and is replaced by a new one");
  }
  onMade();
  const key = deps.random.bytes(KEY_BYTES);
  await writeItem(keyring, { key, id: await describeDataKey(key), changes: 0, changed: new Map() });
  const kept = await readDataKey(keyring);
  if (kept) return kept;
  throw new VaultError(
    "keyring-failed",
    `Cannot keep the key of the session cache: ${quote(keyring.location)} does not return it`,
    { hints: ["Choose another keystore with --backend"] },
  );
}

async function writeItem(keyring: Keyring, { key, id, changes, changed }: Item): Promise<void> {
  const text = JSON.stringify({
    version: 1,
    key: key.toBase64(),
    id,
    changes,
    changed: [...changed].map(([name, { change, at }]) => [name, change, at]),
  });
  const data = new TextEncoder().encode(text);
  const label = "aws-vault (session cache)";
  const publicName = id ?? await describeDataKey(key);
  const facts = { label, description: DESCRIPTION, publicName, standsAlone: true };
  await keyring.set(DATA_KEY_NAME, { data, ...facts });
}

function toDataKey({ key, id, changes, changed }: Item): Promise<DataKey> {
  const lastChanges = new Map([...changed].map(([name, { change }]) => [name, change]));
  return importDataKey(key, { id, changes, lastChanges });
}

interface Item {
  readonly key: Uint8Array<ArrayBuffer>;
  /** Stored beside the key, so that a cached call need not compute it. */
  readonly id: string | undefined;
  /** The number of recorded changes of stored keys. */
  readonly changes: number;
  /** The last change of each recently changed stored key, and its time. */
  readonly changed: ReadonlyMap<string, { readonly change: number; readonly at: number }>;
}

/** Reads the item; `undefined` if there is none, `damaged` if it is not a valid one. */
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
    const { changes = 0, changed = [] } = parsed;
    return key.length === KEY_BYTES
      ? { key, id, changes, changed: parseChanged(changed) }
      : undefined;
  } catch {
    return undefined;
  }
}

function parseChanged(list: readonly [string, number, number][]): Item["changed"] {
  return new Map(list.map(([name, change, at]) => [name, { change, at }]));
}

/** Warns once that cached sessions are lost, and how to get new ones. */
export function warnUnreadable(talk: Talk, why: string): void {
  const mend = "aws-vault clear creates a new key for the session cache";
  warnOnce(talk, `Cached sessions cannot be opened: ${asClause(why)}; ${mend}`, DATA_KEY_NAME);
}
