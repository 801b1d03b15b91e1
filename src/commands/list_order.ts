/** The orders of `list --sort`. */

import type { Invocation } from "./context.ts";
import { describeRows, type ProfileFacts } from "./list_account.ts";
import type { Row } from "./list_rows.ts";

/** The value by which a row is sorted; rows without one come last. */
type SortValue = string | number | undefined;

type Facts = (row: Row) => ProfileFacts;

const ORDERS = {
  file: undefined,
  name: ({ name }: Row) => name,
  account: (row: Row, facts: Facts) => facts(row).account,
  // The oldest key first; for expirations, the session that ends next.
  age: ({ created }: Row) => created?.epochMilliseconds,
  expiration: ({ sessions }: Row) =>
    sessions.length === 0
      ? undefined
      : Math.min(...sessions.map(({ expiration }) => expiration.epochMilliseconds)),
} as const satisfies Record<
  string,
  ((row: Row, facts: Facts) => SortValue) | undefined
>;

/** The values of `--sort`; `file` is the order of the config file. */
export type ListOrder = keyof typeof ORDERS;

/** Sorts the rows; those without a value keep their order, at the end. */
export function sortRows(
  invocation: Invocation,
  rows: readonly Row[],
  order: ListOrder = "file",
): readonly Row[] {
  const valueOf = ORDERS[order];
  if (valueOf === undefined) return rows;
  let known: Facts | undefined;
  const facts = (row: Row) => (known ??= describeRows(invocation))(row);
  const valued = rows.map((row) => ({ row, value: valueOf(row, facts) as SortValue }));
  return valued.sort((a, b) => compare(a.value, b.value)).map(({ row }) => row);
}

function compare(a: SortValue, b: SortValue): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
  return a < b ? -1 : 1;
}
