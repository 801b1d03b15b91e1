import assert from "node:assert/strict";
import { displayWidth } from "../display_width.ts";
import { renderTable } from "./table.ts";

const HEADINGS = ["Profile", "Key ID", "Sessions"];
const ROWS = [
  ["work", "AKIAIOSFODNN7EXAMPLE", "GetSessionToken until 2026-01-01T00:00:00Z"],
  ["日本語のプロファイル", "-", "-"],
  ["-", "AKIAI44QH8DHBEXAMPLE", "-"],
];

Deno.test("renderTable() has aws-vault 7's columns where there is room", () => {
  assert.deepEqual(renderTable(HEADINGS, ROWS), renderTable(HEADINGS, ROWS, 200));
  assert.deepEqual(renderTable(HEADINGS, ROWS.slice(1), 200), [
    "Profile                  Key ID                   Sessions",
    "=======                  ======                   ========",
    "日本語のプロファイル     -                        -",
    "-                        AKIAI44QH8DHBEXAMPLE     -",
  ]);
});

Deno.test("renderTable() draws columns together before it folds", () => {
  assert.deepEqual(renderTable(HEADINGS, ROWS.slice(1), 54), [
    "Profile               Key ID                Sessions",
    "=======               ======                ========",
    "日本語のプロファイル  -                     -",
    "-                     AKIAI44QH8DHBEXAMPLE  -",
  ]);
});

Deno.test("renderTable() folds rows to the width of a terminal", () => {
  assert.deepEqual(renderTable(HEADINGS, ROWS, 40), [
    "work",
    "  Key ID    AKIAIOSFODNN7EXAMPLE",
    "  Sessions  GetSessionToken until",
    "            2026-01-01T00:00:00Z",
    "日本語のプロファイル",
    "Key ID AKIAI44QH8DHBEXAMPLE",
  ]);
});

Deno.test("renderTable() never gives a line that is wider", () => {
  for (let columns = 20; columns < 120; columns++) {
    for (const line of renderTable(HEADINGS, ROWS, columns)) {
      assert(displayWidth(line) <= columns, `${columns}: ${line}`);
    }
  }
});
