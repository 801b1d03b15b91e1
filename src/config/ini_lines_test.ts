import assert from "node:assert/strict";
import { processorMs } from "../../tests/services/processor_time.ts";
import { lineNumber } from "./ini_lines.ts";

Deno.test("lineNumber() counts line feeds, carriage returns and both", () => {
  const numbers = (text: string) =>
    Array.from({ length: text.length + 1 }, (_, at) => lineNumber(text, at)).join("");
  assert.equal(numbers(""), "1");
  assert.equal(numbers("ab"), "111");
  assert.equal(numbers("\n\n"), "122");
  assert.equal(numbers("a\nb\r\nc\rd"), "112223344");
  assert.equal(numbers("a\nb\n"), "11222");
  assert.equal(numbers("ab"), "111");
});

Deno.test("lineNumber() of each line of a text grows as the text does", () => {
  const text = "[profile a]\n".repeat(40_000);
  const tookMs = processorMs(() => {
    for (let line = 0; line < 40_000; line++) assert.equal(lineNumber(text, line * 12), line + 1);
  });
  // By a count from the start for each it is a minute.
  assert(tookMs < 5_000);
});
