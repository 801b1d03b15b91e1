/** `list --tree`: each profile below the one with whose credentials it assumes its role. */

import { foldLines } from "../display_width.ts";
import { escapeControls, quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import { describeRows } from "./list_account.ts";
import type { Row } from "./list_rows.ts";

/** The lines of the tree; each profile is in it once, even where profiles lead back to themselves. */
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
  // What is left leads back to itself.
  for (const node of nodes) if (!node.isShown) drawFrom(node, below, lines);
  const columns = invocation.host.stdout.columns?.();
  // Escaped before it is folded, since that changes a width; else where it is printed.
  return columns === undefined ? lines : [...foldLines(lines.map(escapeControls), columns)];
}

/** A row, and where it is drawn. */
interface Node {
  readonly row: Row;
  readonly account: string | undefined;
  readonly role: string | undefined;
  /** The profile with whose credentials it assumes its role, and whether that is not in the list. */
  readonly above: string | undefined;
  readonly isMissing: boolean;
  isShown: boolean;
  /** What stands before it and its sign, of the rows above. */
  before: string;
  sign: string;
  /** What stands below the sign. */
  rest: string;
}

/** By a list of what is to do: a chain of 10,000 profiles would be too deep for calls. */
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
