import { areaOf, projectPath, resolvePath } from "./areas.ts";
import { leadsTo } from "./import_graph.ts";
import { visitImports } from "./imports.ts";
import { reporter } from "./reporter.ts";

/**
 * No file imports itself through others, not even for types: of two files in a circle, neither can be
 * read, tested or moved alone.
 */
export const noCircles: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    if (areaOf(path) === undefined) return {};
    const report = reporter(context);
    return visitImports((node, specifier) => {
      if (!specifier.startsWith(".")) return;
      const target = resolvePath(path, specifier);
      if (!leadsTo(target, path)) return;
      const hint = "Move what both need into a file of its own";
      report(node, `"${target}" leads back to "${path}"`, hint);
    });
  },
};
