/** Questions that rules ask about a node of the syntax tree. */

/** Whether a node is the identifier of that name. */
export function isNamed(node: Deno.lint.Node, name: string): boolean {
  return node.type === "Identifier" && node.name === name;
}

/** `Date.now` and so on, also written `Date["now"]`. */
export function memberName(node: Deno.lint.MemberExpression): string | undefined {
  if (node.object.type !== "Identifier") return undefined;
  if (node.property.type === "Identifier" && !node.computed) {
    return `${node.object.name}.${node.property.name}`;
  }
  return node.property.type === "Literal"
    ? `${node.object.name}.${node.property.value}`
    : undefined;
}

/** The name of the member, of whatever object. */
export function propertyName({ property }: Deno.lint.MemberExpression): string | undefined {
  if (property.type === "Identifier") return property.name;
  return property.type === "Literal" ? String(property.value) : undefined;
}

/** The parent of a node. */
export function parentOf(node: Deno.lint.Node): Deno.lint.Node {
  return (node as unknown as { parent: Deno.lint.Node }).parent;
}
