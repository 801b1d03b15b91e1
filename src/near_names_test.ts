import assert from "node:assert/strict";
import { nearNames } from "./near_names.ts";

Deno.test("nearNames() proposes what is a slip away, and nothing else", () => {
  const commands = ["add", "list", "exec", "export", "explain", "rotate", "remove", "lock"];
  const cases: [typed: string, expected: string[]][] = [
    ["exce", ["exec"]],
    ["exprot", ["export"]],
    ["rotat", ["rotate"]],
    ["LIST", ["list"]],
    ["lst", ["list"]],
    ["foo", []],
    ["ad", ["add"]],
    ["x", []],
    ["", []],
    ["exec", []],
  ];
  for (const [typed, expected] of cases) {
    assert.deepEqual(nearNames(typed, commands), expected, typed);
  }
  const flags = ["--no-sso", "--no-cache", "--csv", "--long", "--file-dir"];
  assert.deepEqual(nearNames("--no-foo", flags), []);
  assert.deepEqual(nearNames("--no-cash", flags), ["--no-cache"]);
  assert.deepEqual(nearNames("--fle-dri", flags), ["--file-dir"]);
  assert.deepEqual(nearNames("prd-admin", ["prod-admin", "prd-admin2", "other"]), [
    "prd-admin2",
    "prod-admin",
  ]);
});
