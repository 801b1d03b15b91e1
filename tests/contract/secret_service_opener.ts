import { openSecretServiceKeyring } from "../../backends/secret_service/keyring.ts";
import type { Keyring } from "../../src/keyring.ts";
import { desktopHost } from "../services/session_bus.ts";
import type { KeyringConfig } from "./keyring_contract.ts";

/** For `keyring_contract.ts`: `{ env }`, the environment of the service's bus. */
export function openKeyring(config: KeyringConfig): Keyring {
  const { env } = config as { env: Record<string, string> };
  return openSecretServiceKeyring(desktopHost(env), { mayPrompt: false });
}
