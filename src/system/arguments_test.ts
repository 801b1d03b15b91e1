import assert from "node:assert/strict";
import { readArguments } from "./arguments.ts";

Deno.test("readArguments() gives what the code before the runtime wrote as bytes", () => {
  const cases: readonly (readonly [given: string, read: string])[] = [
    ["plain", "plain"],
    ["münchen", "münchen"],
    ["", ""],
    ["\ufdd0", ""],
    ["\ufdd0m\u00c3\u00bcnchen", "münchen"],
    ["\ufdd0a\u00ffb", "a\udcffb"],
    ["\ufdd0\u0080\u00e2\u0082\u00ac", "\udc80€"],
    // Nobody wrote these but a person.
    ["\ufdd0€", "\ufdd0€"],
    ["a\ufdd0\u00ff", "a\ufdd0\u00ff"],
  ];
  for (const [given, read] of cases) assert.deepEqual(readArguments([given]), [read], given);
});
