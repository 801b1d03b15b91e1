import assert from "node:assert/strict";
import { LineEditor } from "./line_editor.ts";

/** Types the chunks one after another, and gives everything that came of it. */
function type(chunks: string[], hidden = false) {
  const editor = new LineEditor({ hidden });
  let echo = "";
  let rest = "";
  for (const chunk of chunks) {
    const fed = editor.feed(chunk);
    echo += fed.echo;
    rest += fed.rest;
  }
  return { line: editor.line, state: editor.state, echo, rest };
}

Deno.test("LineEditor gives the line up to Enter and hands back what follows", () => {
  assert.deepEqual(type(["12", "3\rrest\n"]), {
    line: "123",
    state: "done",
    echo: "123\n",
    rest: "rest\n",
  });
});

Deno.test("LineEditor takes CR LF for one end of a line", () => {
  assert.deepEqual(type(["one\r\ntwo\r\n"]), {
    line: "one",
    state: "done",
    echo: "one\n",
    rest: "two\r\n",
  });
  assert.equal(type(["one\n\ntwo"]).rest, "\ntwo");
  assert.equal(type(["one\r\rtwo"]).rest, "\rtwo");
});

Deno.test("LineEditor shows nothing but the line's end when hidden", () => {
  assert.deepEqual(type(["päss\u007fx\r"], true), {
    line: "päsx",
    state: "done",
    echo: "\n",
    rest: "",
  });
});

Deno.test("LineEditor erases characters, words and the line", () => {
  const cases: [string, string][] = [
    ["ab\u007f\r", "a"],
    ["\u007f\b\r", ""],
    ["one two  \u0017\r", "one "],
    ["one\u0017\u0017\r", ""],
    ["all gone\u0015new\r", "new"],
    ["a😀\u007f\r", "a"],
    ["日本\u007f\r", "日"],
  ];
  for (const [keys, line] of cases) assert.equal(type([keys]).line, line, JSON.stringify(keys));
  assert.equal(type(["日\u007f"]).echo, "日\b \b\b \b");
});

Deno.test("LineEditor is interrupted by Ctrl-C and Ctrl-D", () => {
  for (const key of ["\u0003", "\u0004"]) {
    assert.equal(type(["12" + key + "34"]).state, "interrupted");
  }
});

Deno.test("LineEditor is quit by Ctrl-\\", () => {
  assert.equal(type(["12\u001c34"]).state, "quit");
});

Deno.test("LineEditor swallows arrow keys and paste markers, also when they come in pieces", () => {
  const whole = "\u001b[200~12\u001b[201~\u001b[A\u001bOP3\r";
  assert.equal(type([whole]).line, "123");
  assert.equal(type([...whole]).line, "123");
  assert.equal(type(["a\u0000\u0007b\r"]).line, "ab");
});

Deno.test("LineEditor stops at 4096 characters", () => {
  assert.equal(type(["x".repeat(5000), "\r"]).line.length, 4096);
});
