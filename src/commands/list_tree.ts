/** `list --tree`: each profile below the one whose credentials assume its role. */

import { foldLines } from "../display_width.ts";
import { escapeControls, quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import { describeRows } from "./list_account.ts";
import type { Row } from "./list_rows.ts";

/** The lines of the tree; each profile appears once, even if profiles form a loop. */
export function renderTree(invocation: Invocation, rows: readonly Row[]): string[] {
  const names = new Set(rows.map(({ name }) => name));
  const factsOf = describeRows(invocation);
  const nodes = rows.map((row): Node => {
    const { account, role, source } = factsOf(row);
    const above = source === row.profile ? undefined : source;
    const isMissing = above !== undefined && !names.has(above);
    return { row, account, role, above, isMissing, isShown: false, before: "", sign: "", rest: "" };
  });
  const isBelow = ({ above, isMissing }: Node) => above !== undefined && !isMissing;
  const below = Map.groupBy(nodes.filter(isBelow), ({ above }) => above);
  const lines: string[] = [];
  for (const node of nodes) if (!isBelow(node)) drawFrom(node, below, lines);
  // The remaining profiles form loops.
  for (const node of nodes) if (!node.isShown) drawFrom(node, below, lines);
  const columns = invocation.host.stdout.columns?.();
  // Escaped before folding, because that changes a width; otherwise escaped when it is printed.
  return columns === undefined ? lines : [...foldLines(lines.map(escapeControls), columns)];
}

/** A row, and its place in the drawing. */
interface Node {
  readonly row: Row;
  readonly account: string | undefined;
  readonly role: string | undefined;
  /** The profile whose credentials assume its role, and whether that profile is not in the list. */
  readonly above: string | undefined;
  readonly isMissing: boolean;
  isShown: boolean;
  /** The text before its sign, drawn for the rows above. */
  before: string;
  sign: string;
  /** The text below the sign. */
  rest: string;
}

/** Uses a work list instead of recursion, which a chain of 10,000 profiles would exceed. */
function drawFrom(
  root: Node,
  below: ReadonlyMap<string | undefined, readonly Node[]>,
  lines: string[],
): void {
  const todo = [root];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    lines.push(node.before + node.sign + describeNode(node));
    node.isShown = true;
    const children = below.get(node.row.name) ?? [];
    const before = node.before + node.rest;
    let [sign, rest] = ["└─ ", "   "];
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i]!;
      if (child.isShown) continue;
      todo.push(Object.assign(child, { before, sign, rest }));
      [sign, rest] = ["├─ ", "│  "];
    }
  }
}

function describeNode({ row, account, role, above, isMissing }: Node): string {
  const name = row.name ?? "-";
  let facts = row.hasKey ? ", stored key" : "";
  if (role !== undefined) facts += `, role ${role}`;
  if (account !== undefined) facts += `, account ${account}`;
  if (isMissing) facts += `, source ${quote(above!)} is missing`;
  return facts === "" ? name : `${name} (${facts.slice(2)})`;
}
