import assert from "node:assert/strict";
import { nameMeant } from "./name_meant.ts";

const CASES: [header: string, name: string][] = [
  ["work", "work"],
  ["my work", "my work"],
  ["profle work", "work"],
  ["Profile my work", "my work"],
  ["profile: work", "work"],
  ["profile=work", "work"],
  ['proifle "my work"', "my work"],
];

for (const [header, name] of CASES) {
  Deno.test(`nameMeant() takes [${header}] for "${name}"`, () => {
    assert.equal(nameMeant(header), name);
  });
}
