import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Keyring } from "../keyring.ts";
import { quote } from "../text.ts";

/** `oidc:` makes the item a token for aws-vault 7, so that its `clear` removes a stray one. */
const PROBE_PREFIX = "oidc:aws-vault-migration-";

/**
 * Verifies that two keyrings are not one store under two names: an item is put into one and must not appear
 * in the other. Throws `conflict`.
 *
 * Two services can share a store under different names (KWallet also implements the Secret Service
 * protocol): every key would be "there already", and removing the source would remove the only copy.
 */
export async function requireSeparateStores(
  random: Host["random"],
  from: Keyring,
  to: Keyring,
): Promise<void> {
  if (from.location === to.location) throw oneStore(from, to);
  const name = PROBE_PREFIX + random.bytes(8).toHex();
  const data = new TextEncoder().encode("{}");
  await to.set(name, { data, label: "aws-vault (migration)" });
  try {
    if (await from.has(name)) throw oneStore(from, to);
  } finally {
    await to.remove(name);
  }
}

function oneStore(from: Keyring, to: Keyring): VaultError {
  return new VaultError(
    "conflict",
    `Cannot move keys from ${quote(from.backend)} to ${
      quote(to.backend)
    }: both store them in the same place, ${to.location}`,
  );
}
