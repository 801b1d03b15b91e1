import { areaOf, projectPath } from "./areas.ts";
import { reporter } from "./reporter.ts";

/** Every export has a docstring. */
export const docstrings: Deno.lint.Rule = {
  create(context) {
    if (areaOf(projectPath(context.filename)) === undefined) return {};
    let overloaded = "";
    return {
      ExportNamedDeclaration(node) {
        const name = declaredName(node.declaration);
        if (name === undefined) return;
        const isFurtherForm = name === overloaded;
        overloaded = node.declaration?.type === "TSDeclareFunction" ? name : "";
        if (isFurtherForm || hasDocstring(context.sourceCode.text, node.range[0])) return;
        const message = `"${name}" is exported without a docstring`;
        reporter(context)(node, message, "Say in one sentence what it is or does");
      },
    };
  },
};

function declaredName(declaration: Deno.lint.ExportNamedDeclaration["declaration"]) {
  if (!declaration) return undefined;
  if (declaration.type === "VariableDeclaration") {
    const id = declaration.declarations[0]?.id;
    return id?.type === "Identifier" ? id.name : "";
  }
  const id = "id" in declaration ? declaration.id : undefined;
  return id && "name" in id ? id.name : "";
}

function hasDocstring(text: string, start: number): boolean {
  const before = text.slice(0, start)
    .replace(/(\s*\/\/ deno-lint-ignore[^\n]*)+\s*$/, "")
    .trimEnd();
  return before.endsWith("*/") && before.startsWith("/**", before.lastIndexOf("/*"));
}
