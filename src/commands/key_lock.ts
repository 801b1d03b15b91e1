/**
 * The locks of commands that change stored keys, held from the last look at a key to its last
 * write.
 */

import type { Keyring } from "../keyring.ts";
import { lockPath, type LockRequest, withLock, withLocks } from "../lock.ts";
import { quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import { waitBudget } from "./wait_budget.ts";

const LOCKLESS =
  "The file system of the state folder does not support locks: change keys from one process at a time";

/**
 * Acts while no other process of this machine changes the profile's key, or the passphrase of its
 * keystore. Throws `wait-timeout`, naming the holder, after `--wait`.
 */
export async function withKeyLock<T>(
  invocation: Invocation,
  keyrings: readonly Keyring[],
  profile: string,
  act: () => Promise<T>,
): Promise<T> {
  const { host } = invocation;
  const said = {
    purpose: `Cannot change the key of profile ${quote(profile)}`,
    profile,
    budget: waitBudget(invocation),
    lockless: LOCKLESS,
  };
  const stores = await Promise.all(keyrings.map((keyring) => storePath(invocation, keyring)));
  const requests: LockRequest<T>[] = [
    { ...said, path: await lockPath(host, "key", profile) },
    ...stores.sort().map((path) => ({ ...said, path, isShared: true })),
  ];
  return await withLocks(host, requests, act);
}

/**
 * Acts while no other process of this machine changes a key of the keystore: otherwise the passphrase would
 * change in the middle of a rotation. Throws like {@linkcode withKeyLock}.
 */
export async function withStoreLock<T>(
  invocation: Invocation,
  keyring: Keyring,
  act: () => Promise<T>,
): Promise<T> {
  const { host } = invocation;
  return await withLock(host, {
    path: await storePath(invocation, keyring),
    purpose: `Cannot change the passphrase of ${quote(keyring.location)}`,
    budget: waitBudget(invocation),
    lockless: LOCKLESS,
  }, act);
}

function storePath({ host }: Invocation, { backend, location }: Keyring) {
  return lockPath(host, "store", backend, location);
}
