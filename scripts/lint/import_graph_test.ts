import assert from "node:assert/strict";
import { importsOf } from "./import_graph.ts";

Deno.test("importsOf() finds imports and exports of every manner, and none in comments", () => {
  const text = `
import { a } from "./a.ts";
import type { B } from "../b.ts";
import {
  c,
} from "./deep/c.ts";
export { d } from "./d.ts";
export * from "./e.ts";
const f = await import("./f.ts");
type G = typeof import("./g.ts");
import { join } from "node:path";
// import { x } from "./x.ts";
/** Like \`import("./y.ts")\`. */
`;
  assert.deepEqual(importsOf("src/here/file.ts", text), [
    "src/here/a.ts",
    "src/b.ts",
    "src/here/deep/c.ts",
    "src/here/d.ts",
    "src/here/e.ts",
    "src/here/f.ts",
    "src/here/g.ts",
  ]);
});
