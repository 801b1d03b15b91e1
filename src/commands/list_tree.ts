/** `list --tree`: each profile below the one with whose credentials it assumes its role. */

import { foldLines } from "../display_width.ts";
import { escapeControls, quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import { describeRow, readSettings } from "./list_account.ts";
import type { Row } from "./list_rows.ts";

/** The lines of the tree; each profile is in it once, also where profiles lead back to themselves. */
export function renderTree(invocation: Invocation, rows: readonly Row[]): string[] {
  const names = new Set(rows.flatMap(({ name }) => name === undefined ? [] : [name]));
  const sources = new Map(rows.map((row) => [row, sourceOf(invocation, row)]));
  const isBelow = (row: Row) => names.has(sources.get(row) ?? "");
  const below = Map.groupBy(rows.filter(isBelow), (row) => sources.get(row));
  const shown = new Set<Row>();
  const lines: string[] = [];
  // By a list of what is to do: a chain of 10,000 profiles would be too deep for calls.
  const draw = (root: Row) => {
    const todo: Node[] = [{ row: root, before: "", sign: "", rest: "" }];
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      lines.push(
        node.before + node.sign + describeNode(invocation, node.row, sources.get(node.row), names),
      );
      shown.add(node.row);
      const children = below.get(node.row.name) ?? [];
      const before = node.before + node.rest;
      todo.push(
        ...children.filter((child) => !shown.has(child)).map((row, i, all) => ({
          row,
          before,
          ...(i === all.length - 1 ? { sign: "└─ ", rest: "   " } : { sign: "├─ ", rest: "│  " }),
        })).reverse(),
      );
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

function sourceOf(invocation: Invocation, { profile }: Row): string | undefined {
  const source = readSettings(invocation, profile)?.get("source_profile")?.value;
  return typeof source !== "string" || source === profile ? undefined : source;
}

function describeNode(
  invocation: Invocation,
  row: Row,
  source: string | undefined,
  names: ReadonlySet<string>,
): string {
  const { role, account } = describeRow(invocation, row);
  const facts = [
    ...(row.hasKey ? ["stored key"] : []),
    ...(role === undefined ? [] : [`role ${role}`]),
    ...(account === undefined ? [] : [`account ${account}`]),
    ...(source !== undefined && !names.has(source) ? [`source ${quote(source)} is missing`] : []),
  ];
  return facts.length === 0 ? row.name ?? "-" : `${row.name ?? "-"} (${facts.join(", ")})`;
}
