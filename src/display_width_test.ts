import assert from "node:assert/strict";
import { cutToWidth, displayWidth, foldLines, wrapToWidth } from "./display_width.ts";

Deno.test("displayWidth() counts the columns of a terminal", () => {
  const widths: [string, number][] = [
    ["", 0],
    ["work", 4],
    ["ä", 1],
    ["e\u0301", 1],
    ["日本", 4],
    ["한", 2],
    ["ｗｏ", 4],
    ["🔑", 2],
    ["👩‍💻", 4],
    ["→", 1],
    ["𠀀", 2],
  ];
  assert.deepEqual(widths.map(([text]) => [text, displayWidth(text)]), widths);
});

Deno.test("cutToWidth() never gives more columns, and never half a character", () => {
  assert.deepEqual(
    [6, 5, 4, 3, 2, 1, 0].map((columns) => cutToWidth("日本語", columns)),
    ["日本語", "日本…", "日…", "日…", "…", "…", ""],
  );
  assert.equal(cutToWidth("work", 4), "work");
});

Deno.test("wrapToWidth() breaks at blanks, and longer words where they end", () => {
  assert.deepEqual(wrapToWidth("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrapToWidth("abcdefgh i", 3), ["abc", "def", "gh", "i"]);
  assert.deepEqual(wrapToWidth("日本語", 4), ["日本", "語"]);
  assert.deepEqual(wrapToWidth("", 4), [""]);
});

Deno.test("foldLines() breaks at blanks, goes on further in, and keeps longer words whole", () => {
  const lines = [
    "one two three",
    "  a bb ccc",
    "├─ work (stored key)",
    "  └─ x yy zz",
    "abcdefghijkl m",
  ];
  assert.deepEqual(foldLines(lines, 8), [
    "one two",
    "  three",
    "  a bb",
    "    ccc",
    "├─ work",
    "│    (stored",
    "│    key)",
    "  └─ x",
    "       yy",
    "       zz",
    "abcdefghijkl",
    "  m",
  ]);
  assert.deepEqual(foldLines(["日本 日本 日本"], 9), ["日本 日本", "  日本"]);
  assert.deepEqual(foldLines(lines, undefined), lines);
});
