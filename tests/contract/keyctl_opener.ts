import { openKeyctlKeyring } from "../../backends/keyctl/keyring.ts";
import type { Keyring } from "../../src/keyring.ts";
import { systemNative } from "../../src/system/native.ts";
import type { KeyringConfig } from "./keyring_contract.ts";

/** For `keyring_contract.ts`: `{ keyringName }`, a name of a test's own. */
export function openKeyring(config: KeyringConfig): Keyring {
  const { keyringName } = config as { keyringName: string };
  return openKeyctlKeyring({ native: systemNative() }, { keyringName });
}
