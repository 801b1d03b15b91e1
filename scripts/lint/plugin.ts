/**
 * The project's own lint rules: layers, effects and names, checked by a machine
 * (docs/architecture.md, "Layers").
 *
 * Everything that differs by folder is in a table of its rule. Tests and scripts are exempt: they
 * can import and call anything, and only their file names are checked.
 */

import { declareOnly } from "./declare_only.ts";
import { docstrings } from "./docstrings.ts";
import { fileNames } from "./file_names.ts";
import { hostOnly } from "./host_only.ts";
import { layers } from "./layers.ts";
import { lazyImports } from "./lazy_imports.ts";
import { noCircles } from "./no_circles.ts";
import { oneWayOut } from "./one_way_out.ts";

const plugin: Deno.lint.Plugin = {
  name: "vault",
  rules: {
    "layers": layers,
    "no-circles": noCircles,
    "lazy-imports": lazyImports,
    "host-only": hostOnly,
    "one-way-out": oneWayOut,
    "file-names": fileNames,
    "docstrings": docstrings,
    "declare-only": declareOnly,
  },
};

export default plugin;
