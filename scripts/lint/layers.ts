import { areaOf, projectPath, resolvePath } from "./areas.ts";
import { visitImports } from "./imports.ts";
import { packageOf } from "./packages.ts";
import { type Report, reporter } from "./reporter.ts";

/** What the code of one area may import, besides the vocabulary (`src/*.ts`) and its own folder. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["src/cli", "src/system", "backends"],
  "src/cli": [
    "src/record",
    "src/doctor",
    "src/commands",
    "src/keystore",
    "src/rotation",
    "src/migration",
    "src/credentials",
    "src/sso",
    "src/cache",
    "src/prompt",
    "src/aws",
    "src/config",
    "src/server",
    "src/exec",
  ],
  "src/commands": [
    "src/record",
    "src/browser",
    "src/doctor",
    "src/rotation",
    "src/migration",
    "src/credentials",
    "src/sso",
    "src/cache",
    "src/prompt",
    "src/aws",
    "src/config",
    "src/server",
    "src/exec",
  ],
  "src/record": [],
  "src/doctor": [
    "src/migration",
    "src/credentials",
    "src/cache",
    "src/prompt",
    "src/aws",
    "src/config",
  ],
  "src/keystore": ["src/credentials", "src/cache"],
  "src/rotation": ["src/credentials", "src/cache", "src/aws", "src/config"],
  "src/migration": ["src/credentials", "src/config"],
  "src/credentials": ["src/sso", "src/cache", "src/prompt", "src/aws", "src/config"],
  "src/sso": ["src/browser", "src/cache", "src/aws", "src/config"],
  "src/browser": [],
  "src/cache": [],
  "src/prompt": [],
  "src/aws": [],
  "src/config": [],
  "src/server": [],
  "src/exec": [],
  "src/system": [],
  "backends": [],
  "vocabulary": [],
};

/**
 * Imports run one way, and modules that are not ours are imported only where the table allows it.
 */
export const layers: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    const area = areaOf(path);
    if (area === undefined) return {};
    const report = reporter(context);
    return visitImports((node, specifier) => {
      if (specifier.startsWith(".")) checkOwn(report, node, path, area, specifier);
      else checkForeign(report, node, area, specifier);
    });
  },
};

function checkOwn(
  report: Report,
  node: Deno.lint.Node,
  path: string,
  area: string,
  specifier: string,
): void {
  const target = resolvePath(path, specifier);
  // Text that comes with the program, such as deno.json's version, is not a layer.
  if (target === "deno.json" && area === "src/commands") return;
  const targetArea = areaOf(target);
  const allowed = LAYERS[area];
  if (allowed === undefined) {
    report(node, `The folder "${area}" has no place in the layers`, "Add it to LAYERS");
  } else if (targetArea === undefined) {
    report(node, `"${area}" imports "${target}"`, "Only tests and scripts import those");
  } else if (
    targetArea !== area && targetArea !== "vocabulary" && !allowed.includes(targetArea)
  ) {
    const hint = `It may import ${["the vocabulary", ...allowed].join(", ")}`;
    report(node, `"${area}" imports from "${targetArea}"`, hint);
  }
}

function checkForeign(
  report: Report,
  node: Deno.lint.Node,
  area: string,
  specifier: string,
): void {
  if (specifier === "") {
    report(node, "The module that is imported is not named", "Write the path as a string");
    return;
  }
  const found = packageOf(specifier);
  if (found === undefined) {
    report(
      node,
      `"${specifier}" is not a module of the project`,
      "Add it to PACKAGES with a reason",
    );
  } else if (!found.areas.includes(area)) {
    const hint = `It is for ${found.areas.join(", ")}`;
    report(node, `"${area}" imports "${specifier}"`, hint);
  }
}
