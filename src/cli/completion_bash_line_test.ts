import assert from "node:assert/strict";
import { type BashLine, parseBashLine, quoteForBash } from "./completion_bash_line.ts";

const BREAKS = " \t\n\"'><=;|&(:";

const LINES: [line: string, expected: BashLine][] = [
  ["", { words: [""], quote: "", kept: "" }],
  ["aws-vault ", { words: ["aws-vault", ""], quote: "", kept: "" }],
  ["aws-vault  a b", { words: ["aws-vault", "a", "b"], quote: "", kept: "" }],
  ["x my\\ pro", { words: ["x", "my pro"], quote: "", kept: "" }],
  ['x "my pro', { words: ["x", "my pro"], quote: '"', kept: "" }],
  ['x "a b" c', { words: ["x", "a b", "c"], quote: "", kept: "" }],
  ["x 'it", { words: ["x", "it"], quote: "'", kept: "" }],
  ['x "a\\"b\\n', { words: ["x", 'a"b\\n'], quote: '"', kept: "" }],
  ["x team:pro", { words: ["x", "team:pro"], quote: "", kept: "team:" }],
  ["x team\\:pro", { words: ["x", "team:pro"], quote: "", kept: "" }],
  ["x --a=b:", { words: ["x", "--a=b:"], quote: "", kept: "--a=b:" }],
  ["x --a='b c", { words: ["x", "--a=b c"], quote: "'", kept: "--a=" }],
  ["x '' ", { words: ["x", "", ""], quote: "", kept: "" }],
];

for (const [line, expected] of LINES) {
  Deno.test(`parseBashLine() takes apart: ${line}`, () => {
    assert.deepEqual(parseBashLine(line, BREAKS), expected);
  });
}

const QUOTED: [line: string, value: string, expected: string][] = [
  ["x ", "work", "work"],
  ["x ", "my profile", "my\\ profile"],
  ["x ", "a#b$c;(d)", "a\\#b\\$c\\;\\(d\\)"],
  ["x ", "Zoë", "Zoë"],
  ["x team:", "team:prod", "prod"],
  ["x --backend=", "--backend=file", "file"],
  ['x "m', 'my "$`\\', 'my \\"\\$\\`\\\\'],
  ["x 'i", "it's", "it'\\''s"],
];

for (const [line, value, expected] of QUOTED) {
  Deno.test(`quoteForBash() completes ${line}… to ${value}`, () => {
    assert.equal(quoteForBash(parseBashLine(line, BREAKS), value), expected);
  });
}
