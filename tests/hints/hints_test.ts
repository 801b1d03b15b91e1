/**
 * Each hint, followed to the letter, works.
 *
 * A hint that has something of the program's to type is followed in a story: a line of it shows the hint,
 * and a later command of the same story does what it says, with exit code 0. One that no story can follow
 * is a row of `NOT_IN_STORIES`, with where it is tried or why it is not. So a new hint fails here until
 * somebody has followed it.
 */

import assert from "node:assert/strict";
import { BACKENDS } from "../../backends/mod.ts";
import { describeCommands } from "../../src/cli/manual_commands.ts";
import { type CommandStep, parseStory } from "../stories/story.ts";
import { type HintText, readHints } from "./hint_texts.ts";
import { NOT_IN_STORIES } from "./not_in_stories.ts";

const STORIES = new URL("../stories/", import.meta.url);

/** The commands of every story, in order. */
function readStories(): CommandStep[][] {
  const names = [...Deno.readDirSync(STORIES)].map(({ name }) => name);
  return names.filter((name) => name.endsWith(".txt")).map((name) =>
    parseStory(Deno.readTextFileSync(new URL(name, STORIES))).steps
      .filter((step) => step.kind === "command")
  );
}

interface ToType {
  readonly all: string[];
  readonly any: string[];
  /** What must not be typed again. */
  readonly none: string[];
}

/** What of a hint is to be typed: the words of a command, else the flags, of which any will do. */
function wordsToType(text: string): ToType {
  const without = /^Drop (--[a-z][\w-]*)/.exec(text)?.[1];
  if (without !== undefined) return { all: ["aws-vault"], any: [], none: [without] };
  const command = /\baws-vault ([^;,)]*)/.exec(text)?.[1];
  const isFixed = (word: string) => word !== "" && !word.includes("{…}") && !/^[A-Z]+$/.test(word);
  const all = command?.trim().split(" ").filter(isFixed) ?? [];
  const any = all.length > 0 ? [] : [...text.matchAll(/--[a-z][\w-]*/g)].map(([flag]) => flag);
  return { all, any, none: [] };
}

function matcherOf(text: string): RegExp {
  const literal = (part: string) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?:hint|note): ${text.split("{…}").map(literal).join(".*")}$`);
}

function isFollowed({ text }: HintText, stories: readonly CommandStep[][]): boolean {
  const matcher = matcherOf(text);
  const { all, any, none } = wordsToType(text);
  const isShown = ({ expected: { stdout, stderr } }: CommandStep) =>
    [...stdout, ...stderr].some((line) => matcher.test(line));
  const follows = ({ command, expected }: CommandStep) =>
    expected.exit === 0 && all.every((word) => command.includes(word)) &&
    !none.some((flag) => command.includes(flag)) &&
    (any.length === 0 || any.some((flag) => command.includes(flag)));
  return stories.some((steps) => {
    const at = steps.findIndex(isShown);
    return at >= 0 && steps.slice(at + 1).some(follows);
  });
}

function isToType({ text }: HintText): boolean {
  const { all, any } = wordsToType(text);
  return all.length + any.length > 0;
}

const HINTS = readHints();

Deno.test("every hint with something to type is followed in a story, or says where it is", () => {
  const stories = readStories();
  const left = HINTS.filter((hint) => isToType(hint) && !isFollowed(hint, stories));
  assert.deepEqual(left.map(({ text }) => text), Object.keys(NOT_IN_STORIES).toSorted());
});

Deno.test("every command and flag that a hint names is one", () => {
  const commands = describeCommands(BACKENDS);
  const flags = new Set([
    "--help",
    ...commands.flatMap(({ flags }) => flags.map(({ name }) => name)),
  ]);
  const names = new Set(commands.map(({ name }) => name));
  const wrong = HINTS.filter(({ text }) => {
    // What another program takes comes after its name.
    const own = text.replace(/\b(?:gnome-keyring-daemon|security|keyctl|age-keygen) [^,;]*/g, "");
    const unknown = [...own.matchAll(/--[a-z][\w-]*/g)].filter(([flag]) =>
      !flags.has(flag) && !flags.has(flag.replace("--no-", "--"))
    );
    const [, first = "", second = ""] = /\baws-vault ([a-z][\w-]*) ?([a-z][\w-]*)?/.exec(own) ?? [];
    const isCommand = first === "" || names.has(first) || names.has(`${first} ${second}`);
    return unknown.length > 0 || !isCommand;
  });
  assert.deepEqual(wrong, []);
});

Deno.test("the sources have as many hints as somebody can see", () => {
  // The reader of sources has not lost its way.
  assert(HINTS.length > 200, `${HINTS.length}`);
  const texts = HINTS.map(({ text }) => text);
  for (const known of ["See: aws-vault --help", "Store one: aws-vault add {…}", "Set HOME"]) {
    assert(texts.includes(known), known);
  }
});
