import type { Keyring } from "../../src/keyring.ts";
import type { KeyringConfig } from "./keyring_contract.ts";
import { openIn } from "./wincred_stand_in.ts";

/** For `keyring_contract.ts`: `{ folder }`, of a stand-in. */
export function openKeyring(config: KeyringConfig): Keyring {
  return openIn((config as { folder: string }).folder);
}
