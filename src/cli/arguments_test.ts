import assert from "node:assert/strict";
import { arrangeArguments, type Arranged, type FlagKnowledge, helpTopic } from "./arguments.ts";

const FLAGS: FlagKnowledge = {
  globalTakesValue: new Map([["--debug", false], ["--backend", true]]),
  shortWithValue: new Set(["-t", "-d"]),
  groups: new Set(["sso"]),
  commandsWithChild: new Set(["exec"]),
};

const CASES: [string, string[], Arranged][] = [
  ["nothing", [], { inputs: [], childWords: undefined }],
  ["only a flag", ["--version"], { inputs: ["--version"], childWords: undefined }],
  ["global flags before the command", ["--debug", "--backend", "file", "list"], {
    inputs: ["list", "--debug", "--backend", "file"],
    childWords: undefined,
  }],
  ["a value by equals sign", ["--backend=file", "list", "--debug"], {
    inputs: ["list", "--backend=file", "--debug"],
    childWords: undefined,
  }],
  ["the child's words", ["exec", "work", "-t123456", "--", "env", "--debug", "--", "-d1"], {
    inputs: ["exec", "work", "-t", "123456"],
    childWords: ["env", "--debug", "--", "-d1"],
  }],
  ["no child's words where there is no child", ["add", "--", "-odd"], {
    inputs: ["add", "--", "-odd"],
    childWords: undefined,
  }],
  ["a command of two words", ["--debug", "sso", "login", "corp"], {
    inputs: ["sso login", "--debug", "corp"],
    childWords: undefined,
  }],
  ["help of a command of two words", ["help", "sso", "login"], {
    inputs: ["help", "sso login"],
    childWords: undefined,
  }],
  ["a group alone", ["sso", "--help"], { inputs: ["sso", "--help"], childWords: undefined }],
  ["a profile of a group's name", ["exec", "sso", "login"], {
    inputs: ["exec", "sso", "login"],
    childWords: undefined,
  }],
  ["an escape before any command", ["--", "exec"], {
    inputs: ["--", "exec"],
    childWords: undefined,
  }],
];

for (const [name, words, expected] of CASES) {
  Deno.test(`arrangeArguments() takes ${name}`, () => {
    assert.deepEqual(arrangeArguments(words, FLAGS), expected);
  });
}

const TOPICS: [words: string[], topic: string | undefined][] = [
  [[], ""],
  [["--help"], ""],
  [["-h"], ""],
  [["help"], ""],
  [["help", "exec"], "exec"],
  [["help", "--debug", "exec"], "exec"],
  [["exec", "--help"], "exec"],
  [["exec", "work", "-h"], "exec"],
  [["exec", "work"], undefined],
  [["add", "--", "-h"], undefined],
  [["--version"], undefined],
  [["sso"], "sso"],
  [["sso", "--help"], "sso"],
  [["help", "sso login"], "sso login"],
  [["sso login", "corp"], undefined],
];

for (const [words, topic] of TOPICS) {
  Deno.test(`helpTopic() of "${words.join(" ")}" is ${topic}`, () => {
    assert.equal(helpTopic(words, FLAGS.groups), topic);
  });
}
