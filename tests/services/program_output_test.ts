import assert from "node:assert/strict";
import { firstLine } from "./program_output.ts";

const said = (...pieces: string[]) =>
  ReadableStream.from(pieces).pipeThrough(new TextEncoderStream());

Deno.test("a first line comes whole, in however many pieces it was written", async () => {
  for (const pieces of [["a b\n"], ["a", " ", "b", "\n"], ["a b\r\nmore\n", "and more"]]) {
    assert.equal(await firstLine(said(...pieces)), "a b", JSON.stringify(pieces));
  }
});

Deno.test("a program that ends before its first line is an error", async () => {
  await assert.rejects(firstLine(said("half")), /before it had written a line: half$/);
});
