/** What rules ask of a node of the syntax tree. */

/** Whether a node is the identifier of that name. */
export function isNamed(node: Deno.lint.Node, name: string): boolean {
  return node.type === "Identifier" && node.name === name;
}

/** `Date.now` and the like, also written `Date["now"]`. */
export function memberName(node: Deno.lint.MemberExpression): string | undefined {
  if (node.object.type !== "Identifier") return undefined;
  if (node.property.type === "Identifier" && !node.computed) {
    return `${node.object.name}.${node.property.name}`;
  }
  return node.property.type === "Literal"
    ? `${node.object.name}.${node.property.value}`
    : undefined;
}

/** The name of the member, whatever it is a member of. */
export function propertyName({ property }: Deno.lint.MemberExpression): string | undefined {
  if (property.type === "Identifier") return property.name;
  return property.type === "Literal" ? String(property.value) : undefined;
}

/** The node that a node stands in. */
export function parentOf(node: Deno.lint.Node): Deno.lint.Node {
  return (node as unknown as { parent: Deno.lint.Node }).parent;
}
