import type { Keyring } from "../keyring.ts";
import type { DataKey } from "./seal.ts";

/**
 * A keystore and the data key in it, or its name where the store is locked; absent: it is gone, and nothing
 * opens what it sealed.
 */
export interface OpenedBy {
  readonly keyring: Keyring;
  readonly dataKey: DataKey | Pick<DataKey, "id"> | undefined;
}
