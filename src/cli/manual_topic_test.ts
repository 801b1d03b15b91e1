import assert from "node:assert/strict";
import { helpTopic } from "./manual_topic.ts";

const CASES: [words: string[], topic: string | undefined][] = [
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
];

for (const [words, topic] of CASES) {
  Deno.test(`helpTopic() of "${words.join(" ")}" is ${topic}`, () => {
    assert.equal(helpTopic(words), topic);
  });
}
