import { projectPath } from "./areas.ts";
import { reporter } from "./reporter.ts";

const VAGUE_NAMES = new Set([
  "utils",
  "util",
  "helpers",
  "helper",
  "types",
  "index",
  "common",
  "misc",
]);

/** A file is named after the one thing in it. */
export const fileNames: Deno.lint.Rule = {
  create(context) {
    const name = projectPath(context.filename).split("/").at(-1) ?? "";
    const stem = name.replace(/(_test)?\.[a-z]+$/, "");
    const report = reporter(context);
    return {
      Program(node) {
        if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(stem)) {
          report(node, `The file name "${name}" is not snake_case`, "Rename it");
        } else if (VAGUE_NAMES.has(stem)) {
          report(node, `The file name "${name}" says nothing`, "Name it after what it does");
        }
      },
    };
  },
};
