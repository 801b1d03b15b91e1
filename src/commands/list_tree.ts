/** `list --tree`: each profile below the one with whose credentials it assumes its role. */

import { foldLines } from "../display_width.ts";
import { escapeControls, quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import { describeRows, type ProfileFacts } from "./list_account.ts";
import type { Row } from "./list_rows.ts";

/** The lines of the tree; each profile is in it once, also where profiles lead back to themselves. */
export function renderTree(invocation: Invocation, rows: readonly Row[]): string[] {
  const names = new Set(rows.flatMap(({ name }) => name === undefined ? [] : [name]));
  const facts = describeRows(invocation);
  const known = new Map(rows.map((row) => [row, facts(row)]));
  const sourceOf = (row: Row) => {
    const source = known.get(row)!.source;
    return source === row.profile ? undefined : source;
  };
  const isBelow = (row: Row) => names.has(sourceOf(row) ?? "");
  const below = Map.groupBy(rows.filter(isBelow), sourceOf);
  const shown = new Set<Row>();
  const lines: string[] = [];
  // By a list of what is to do: a chain of 10,000 profiles would be too deep for calls.
  const draw = (root: Row) => {
    const todo: Node[] = [{ row: root, before: "", sign: "", rest: "" }];
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      const { row } = node;
      lines.push(node.before + node.sign + describeNode(row, known.get(row)!, sourceOf(row), names));
      shown.add(node.row);
      const children = below.get(row.name)?.filter((child) => !shown.has(child)) ?? [];
      const before = node.before + node.rest;
      let [sign, rest] = ["└─ ", "   "];
      for (let i = children.length - 1; i >= 0; i--) {
        todo.push({ row: children[i]!, before, sign, rest });
        [sign, rest] = ["├─ ", "│  "];
      }
    }
  };
  for (const row of rows) if (!isBelow(row)) draw(row);
  // What is left leads back to itself.
  for (const row of rows) if (!shown.has(row)) draw(row);
  const { columns } = invocation.host.stdout;
  return [...foldLines(lines.map(escapeControls), columns?.())];
}

interface Node {
  readonly row: Row;
  /** What stands before it and its sign, of the rows above. */
  readonly before: string;
  readonly sign: string;
  /** What stands below the sign. */
  readonly rest: string;
}

function describeNode(
  row: Row,
  { role, account }: ProfileFacts,
  source: string | undefined,
  names: ReadonlySet<string>,
): string {
  const facts = [
    ...(row.hasKey ? ["stored key"] : []),
    ...(role === undefined ? [] : [`role ${role}`]),
    ...(account === undefined ? [] : [`account ${account}`]),
    ...(source !== undefined && !names.has(source) ? [`source ${quote(source)} is missing`] : []),
  ];
  return facts.length === 0 ? row.name ?? "-" : `${row.name ?? "-"} (${facts.join(", ")})`;
}
