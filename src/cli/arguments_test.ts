import assert from "node:assert/strict";
import {
  arrangeArguments,
  type Arranged,
  type FlagKind,
  type FlagKnowledge,
  helpTopic,
} from "./arguments.ts";

const KINDS: Readonly<Record<string, FlagKind>> = {
  "--debug": "boolean",
  "--backend": "value",
  "--region": "value",
  "--lazy": "boolean",
  "--no-prompt": "boolean",
  "--no-verify": "boolean",
  "--prompt": "value",
  "--verify": "boolean",
  "--no-session": "boolean",
  "-n": "boolean",
  "-t": "value",
  "--policy": "value",
  "--read-only": "boolean",
};
const LIMITS = new Set(["--policy", "--read-only"]);
const FLAGS: FlagKnowledge = {
  kindOf: (flag) => KINDS[flag],
  longOf: (flag) => flag === "-n" ? "--no-session" : KINDS[flag] && flag,
  limits: (flag) => LIMITS.has(flag),
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
  ["letters in one word", ["exec", "-nt123456", "work", "-nt", "1", "--", "x", "-nt1"], {
    inputs: ["exec", "-n", "-t", "123456", "work", "-n", "-t", "1"],
    childWords: ["x", "-nt1"],
  }],
  ["no child's words where there is no child", ["add", "--", "-odd"], {
    inputs: ["add", "--", "-odd"],
    childWords: undefined,
  }],
  ["a command's flags before it", ["--region", "x", "-n", "exec", "work"], {
    inputs: ["exec", "--region", "x", "-n", "work"],
    childWords: undefined,
  }],
  [
    "empty values for not given",
    ["exec", "--region=", "-t", "", "--backend", "", "--debug=", "work", "--", "--region="],
    { inputs: ["exec", "work"], childWords: ["--region="] },
  ],
  ["a negated flag", ["exec", "--lazy", "--no-lazy", "--no-debug", "--no-session", "work"], {
    inputs: ["exec", "--lazy=false", "--debug=false", "--no-session", "work"],
    childWords: undefined,
  }],
  ["a flag by its letter, negated", ["exec", "-n", "--no-no-session", "work"], {
    inputs: ["exec", "--no-session=false", "work"],
    childWords: undefined,
  }],
  ["a flag behind its negation", ["exec", "--no-no-session", "work", "-n"], {
    inputs: ["exec", "work", "-n"],
    childWords: undefined,
  }],
  ["a flag and another that negates it", ["exec", "--verify", "--no-verify", "work"], {
    inputs: ["exec", "--verify", "--no-verify", "work"],
    childWords: undefined,
  }],
  ["a flag without a value like one with", ["exec", "--prompt", "x", "--no-prompt", "work"], {
    inputs: ["exec", "--prompt", "x", "--no-prompt", "work"],
    childWords: undefined,
  }],
  ["what is not the negation of a flag", ["exec", "--no-region", "--no-x", "work"], {
    inputs: ["exec", "--no-region", "--no-x", "work"],
    childWords: undefined,
  }],
  ["a value that is missing", ["exec", "--region"], {
    inputs: ["exec", "--region"],
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
  ["the negations of help and version", ["--no-version", "list", "--no-help"], {
    inputs: ["list"],
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

Deno.test("arrangeArguments() refuses a flag that limits with an empty value", () => {
  const lines = [["--policy", ""], ["--policy="], ["--read-only="], ["-t", "", "--policy", ""]];
  for (const words of lines) {
    for (const line of [["exec", ...words, "work"], [...words, "exec", "work"]]) {
      assert.throws(() => arrangeArguments(line, FLAGS), {
        code: "bad-usage",
        message: /^Cannot understand --(policy|read-only): its value is empty$/,
      });
    }
  }
  const child = ["exec", "work", "--", "--policy", ""];
  assert.deepEqual(arrangeArguments(child, FLAGS).childWords, ["--policy", ""]);
});

Deno.test("arrangeArguments() refuses arguments from a file, but not a child's", () => {
  for (const words of [["@args"], ["--debug", "@args"], ["exec", "@args"], ["add", "@x"]]) {
    assert.throws(() => arrangeArguments(words, FLAGS), {
      code: "bad-usage",
      message: `Cannot read arguments from a file: "${
        words.at(-1)
      }" is not supported by this version`,
    });
  }
  assert.deepEqual(
    arrangeArguments(["exec", "work", "curl", "-d", "@x"], FLAGS).inputs.at(-1),
    "@x",
  );
});

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

Deno.test("arrangeArguments() takes bytes that are not UTF-8 for the command of exec alone", () => {
  const raw = "a\udcffb";
  const taken = [
    ["exec", "work", "ls", raw],
    ["exec", "-n", "--region", "x", "work", raw],
    ["exec", "work", "--", raw, `-${raw}`],
  ];
  for (const words of taken) arrangeArguments(words, FLAGS);
  const refused = [
    [raw],
    ["list", raw],
    ["add", "--", raw],
    ["exec", raw],
    ["exec", raw, "--", "ls"],
    ["exec", "--region", raw, "work", "ls"],
    ["exec", "work", "--region", raw, "ls"],
    ["exec", `--region=${raw}`, "work"],
    ["exec", "work", "ls", `-${raw}`],
    ["exec", "work", raw, "--", "ls"],
  ];
  for (const words of refused) {
    assert.throws(() => arrangeArguments(words, FLAGS), {
      code: "bad-usage",
      message: "Cannot read the command line: a word is not UTF-8",
    }, words.join(" "));
  }
});
