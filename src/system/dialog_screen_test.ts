import assert from "node:assert/strict";
import { DialogScreen, parseKeys } from "./dialog_screen.ts";

Deno.test("parseKeys() names keys, keeps characters, and drops what it does not know", () => {
  const cases: [string, string[]][] = [
    ["aä日😀", ["a", "ä", "日", "😀"]],
    ["\x1b[A\x1bOB\x1b[5~\x1b[6~", ["up", "down", "pageup", "pagedown"]],
    ["a\x7f\x15\r", ["a", "backspace", "ctrl-u", "enter"]],
    ["\x03\x1a", ["interrupt", "suspend"]],
    ["\x1b", ["escape"]],
    ["\x1b[200~x\x1b[1;5C\x1bOP\x07y", ["x", "y"]],
  ];
  assert.deepEqual(cases.map(([typed]) => [typed, parseKeys(typed)]), cases);
});

Deno.test("DialogScreen draws over itself, escapes what it is given, and leaves nothing", () => {
  const written: string[] = [];
  const screen = new DialogScreen({ write: (text) => void written.push(text) });
  screen.draw(["a", "\x1b[31mb"]);
  screen.draw(["a", "\x1b[31mb"]);
  screen.draw(["c"]);
  screen.erase();
  screen.erase();
  assert.deepEqual(written, [
    "\ra\x1b[K\n\\u001b[31mb\x1b[K\x1b[J",
    "\r\x1b[1Ac\x1b[K\x1b[J",
    "\r\x1b[K\r",
  ]);
});

Deno.test("DialogScreen takes all rows away that a narrower terminal made of its lines", () => {
  const written: string[] = [];
  let columns = 20;
  const screen = new DialogScreen(
    { write: (text) => void written.push(text) },
    () => ({ columns, rows: 24 }),
  );
  screen.draw(["abcdefghij", "", "日本語日本語", "abc"]);
  columns = 5;
  screen.draw(["abcd", "e"]);
  screen.erase();
  assert.deepEqual(written.slice(1), [
    // 2 rows, 1, 3 and 1.
    "\r\x1b[6Aabcd\x1b[K\ne\x1b[K\x1b[J",
    "\r\x1b[1A\x1b[K\n\x1b[K\r\x1b[1A",
  ]);
});
