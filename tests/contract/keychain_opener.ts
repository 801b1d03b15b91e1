import type { Keyring } from "../../src/keyring.ts";
import { macHost, openOn, type StandInPlace } from "./keychain_stand_in.ts";
import type { KeyringConfig } from "./keyring_contract.ts";

/** For `keyring_contract.ts`: `{ place, way, mayPrompt }`, a place of the stand-ins. */
export function openKeyring(config: KeyringConfig): Keyring {
  const { place, way, mayPrompt } = config as unknown as {
    place: StandInPlace;
    way: "library" | "program";
    mayPrompt: boolean;
  };
  return openOn(macHost(place, way), place, { mayPrompt });
}
