import { areaOf, projectPath, resolvePath } from "./areas.ts";
import { visitImports } from "./imports.ts";
import { packageOf } from "./packages.ts";
import { reporter } from "./reporter.ts";

/** Areas of our own code that others load only on use, because starting must stay fast. */
const LAZY_AREAS: readonly { from: string; to: string }[] = [
  { from: "src/cli", to: "src/commands" },
  { from: "src/commands", to: "src/server" },
];

/** What is costly to load is loaded where it is used. */
export const lazyImports: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    const area = areaOf(path);
    if (area === undefined) return {};
    return visitImports((node, specifier, manner) => {
      if (manner !== "static" || !isHeavy(path, area, specifier)) return;
      const message = `"${specifier}" is loaded at every start`;
      reporter(context)(node, message, "Use `await import()` where it is needed");
    });
  },
};

function isHeavy(path: string, area: string, specifier: string): boolean {
  if (!specifier.startsWith(".")) return packageOf(specifier)?.lazy ?? false;
  const target = areaOf(resolvePath(path, specifier));
  return LAZY_AREAS.some(({ from, to }) => from === area && to === target);
}
