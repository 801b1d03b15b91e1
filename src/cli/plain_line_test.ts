import assert from "node:assert/strict";
import { parseDuration } from "../duration.ts";
import { type PlainLine, type PlainParameters, readPlainLine } from "./plain_line.ts";

const TEXT = { kind: "parsed", parse: (text: string) => text, optional: true } as const;
const PARAMETERS: PlainParameters = {
  flags: {
    debug: { kind: "boolean", optional: true },
    noSession: { kind: "boolean", optional: true },
    passDir: TEXT,
    duration: { kind: "parsed", parse: (text: string) => parseDuration(text), optional: true },
    format: { kind: "enum", values: ["env", "json"], optional: true },
  },
  aliases: { d: "duration", n: "noSession" },
  positional: { kind: "tuple", parameters: [{ optional: true }] },
};

const CASES: [string, string[], PlainLine | undefined][] = [
  ["nothing", [], { flags: {}, args: [] }],
  ["flags of every kind", ["--format=json", "--pass-dir", "a=b", "-n", "work", "-d", "1h"], {
    flags: { format: "json", passDir: "a=b", noSession: true, duration: 3600 },
    args: ["work"],
  }],
  ["a flag that is taken back", ["--no-session=false", "work"], {
    flags: { noSession: false },
    args: ["work"],
  }],
  ["an unknown flag", ["--nonsense"], undefined],
  ["help", ["--help"], undefined],
  ["a flag twice", ["--debug", "--debug"], undefined],
  ["a value that is not a duration", ["-d", "soon"], undefined],
  ["a value that is not offered", ["--format", "xml"], undefined],
  ["a value that is missing", ["--format"], undefined],
  ["a value that looks like a flag", ["--pass-dir", "--debug"], undefined],
  ["a value of a flag without one", ["--debug=yes"], undefined],
  ["short flags in one word", ["-nd"], undefined],
  ["a flag in camel case", ["--noSession"], undefined],
  ["a name from the prototype", ["--constructor"], undefined],
  ["an escape", ["--", "work"], undefined],
  ["too many names", ["work", "admin"], undefined],
];

for (const [name, words, expected] of CASES) {
  const what = expected === undefined ? "leaves to stricli" : "reads";
  Deno.test(`readPlainLine() ${what} ${name}`, () => {
    assert.deepEqual(readPlainLine(words, PARAMETERS), expected);
  });
}

Deno.test("readPlainLine() leaves a name that is missing to stricli", () => {
  const parameters: PlainParameters = { positional: { kind: "tuple", parameters: [{}] } };
  assert.equal(readPlainLine([], parameters), undefined);
  assert.deepEqual(readPlainLine(["work"], parameters), { flags: {}, args: ["work"] });
});
