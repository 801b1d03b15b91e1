/** The orders of `list --sort`. */

import type { Invocation } from "./context.ts";
import { describeRow } from "./list_account.ts";
import type { Row } from "./list_rows.ts";

/** By what a row is sorted; what has no such value comes last. */
type SortValue = string | number | undefined;

const ORDERS = {
  file: undefined,
  name: ({ name }: Row) => name,
  account: (row: Row, invocation: Invocation) => describeRow(invocation, row).account,
  // The oldest key first, and the session that ends next.
  age: ({ created }: Row) => created?.epochMilliseconds,
  expiration: ({ sessions }: Row) =>
    sessions.length === 0
      ? undefined
      : Math.min(...sessions.map(({ expiration }) => expiration.epochMilliseconds)),
} as const satisfies Record<
  string,
  ((row: Row, invocation: Invocation) => SortValue) | undefined
>;

/** What `--sort` takes; `file` is the order of the config file. */
export type ListOrder = keyof typeof ORDERS;

/** The rows in an order; those that it says nothing of keep theirs, at the end. */
export function sortRows(
  invocation: Invocation,
  rows: readonly Row[],
  order: ListOrder = "file",
): readonly Row[] {
  const valueOf = ORDERS[order];
  if (valueOf === undefined) return rows;
  const valued = rows.map((row) => ({ row, value: valueOf(row, invocation) as SortValue }));
  return valued.sort((a, b) => compare(a.value, b.value)).map(({ row }) => row);
}

function compare(a: SortValue, b: SortValue): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
  return a < b ? -1 : 1;
}
