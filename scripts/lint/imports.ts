/** The modules that a file imports. */

/** How a module is imported: for its types only, at start, or on use. */
type Manner = "type" | "static" | "dynamic";

type Visit = (node: Deno.lint.Node, specifier: string, manner: Manner) => void;

/** Calls back for every module that a file imports, in any form. */
export function visitImports(visit: Visit): Deno.lint.LintVisitor {
  const manner = (kind: string | undefined): Manner => kind === "type" ? "type" : "static";
  return {
    ImportDeclaration(node) {
      visit(node, node.source.value, manner(node.importKind));
    },
    ExportNamedDeclaration(node) {
      if (node.source) visit(node, node.source.value, manner(node.exportKind));
    },
    ExportAllDeclaration(node) {
      visit(node, node.source.value, manner(node.exportKind));
    },
    ImportExpression(node) {
      if (node.source.type === "Literal") visit(node, String(node.source.value), "dynamic");
      else visit(node, "", "dynamic");
    },
    // `typeof import("x")` and `import("x").Type`, whose argument's shape differs between releases.
    TSImportType(node) {
      const specifier = /import\(\s*["']([^"']+)["']/.exec(textOf(node.argument))?.[1];
      if (specifier !== undefined) visit(node, specifier, "type");
    },
  };
}

function textOf(argument: unknown): string {
  const literal = argument as { value?: unknown; literal?: { value?: unknown } };
  return `import("${literal.value ?? literal.literal?.value ?? ""}")`;
}
