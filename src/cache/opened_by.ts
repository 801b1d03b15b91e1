import type { Keyring } from "../keyring.ts";
import type { DataKey } from "./seal.ts";

/**
 * A keystore and its data key, or the data key's public name if the keystore is locked. Absent: the data key
 * is gone, and nothing opens what it sealed.
 */
export interface OpenedBy {
  readonly keyring: Keyring;
  readonly dataKey: DataKey | Pick<DataKey, "id"> | undefined;
}
