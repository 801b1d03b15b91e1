/**
 * Which rows a keystore's data key opens, also while the keystore is locked and may show only the public
 * name of its data key.
 */

import { hasCode } from "../errors.ts";
import { DATA_KEY_NAME, type Keyring } from "../keyring.ts";
import type { DataKey } from "./seal.ts";
import { isOfBefore, keystoreName } from "./session_rows.ts";

/** A keystore and its data key. */
export interface OpenedBy {
  readonly keyring: Keyring;
  /** Absent: the data key is gone, and nothing opens what it sealed. */
  readonly dataKey: DataKey | "locked" | undefined;
}

type Row = Record<string, unknown>;

/**
 * The rows that the data key opens, and how many more it may open: that is unknown if nobody can say
 * which data key a keystore has. A row of another keystore's data key is neither.
 */
export async function openedRows(
  rows: readonly Row[],
  opened: OpenedBy | undefined,
): Promise<{ readonly rows: Row[]; readonly unknown: number }> {
  if (opened === undefined) return { rows: [], unknown: rows.length };
  const { keyring, dataKey } = opened;
  if (dataKey !== "locked") {
    return { rows: rows.filter((row) => isOpenedNow(dataKey, row)), unknown: 0 };
  }
  const answers = await Promise.all(rows.map(rowOpener(keyring)));
  return {
    rows: rows.filter((_, at) => answers[at]),
    unknown: answers.filter((answer) => answer === undefined).length,
  };
}

/** Whether a row opens; `undefined` if unknown. A locked keystore is asked once for each data key. */
function rowOpener(locked: Keyring): (row: Row) => Promise<boolean | undefined> {
  const shown = new Map<unknown, Promise<boolean | undefined>>();
  return async (row) => {
    const id = row["key_id"];
    if (!shown.has(id)) shown.set(id, isDataKeyOf(locked, String(id)));
    return await shown.get(id) ?? (row["keystore"] === keystoreName(locked) ? undefined : false);
  };
}

function isOpenedNow(dataKey: DataKey | undefined, row: Row): boolean {
  if (dataKey === undefined || row["key_id"] !== dataKey.id) return false;
  const sourceKey = typeof row["source_key"] === "string" ? row["source_key"] : undefined;
  return !isOfBefore(dataKey, { sourceKey, changes: Number(row["changes"]) });
}

async function isDataKeyOf(keyring: Keyring, id: string): Promise<boolean | undefined> {
  try {
    return await keyring.hasPublicName?.(DATA_KEY_NAME, id);
  } catch (error) {
    if (hasCode(error, "damaged-item")) return false;
    if (hasCode(error, "interrupted", "internal")) throw error;
    return undefined;
  }
}
