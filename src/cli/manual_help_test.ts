import assert from "node:assert/strict";
import { BACKENDS } from "../../backends/mod.ts";
import { PROMPT_DRIVERS } from "../prompt/driver_names.ts";
import { EXAMPLES } from "./examples.ts";
import { describeProgram } from "./manual_program.ts";
import { renderHelp } from "./manual_help.ts";

const PROGRAM = describeProgram(BACKENDS);
const TOPICS = [
  "",
  "flags",
  ...PROGRAM.commands.map(({ name }) => name),
  ...PROGRAM.topics.map(({ name }) => name),
];

Deno.test("every help fits into 80 columns", () => {
  for (const topic of TOPICS) {
    const long = renderHelp(PROGRAM, topic)!.split("\n").filter((line) => line.length > 80);
    assert.deepEqual(long, [], topic);
  }
});

Deno.test("every command has examples, and no help but one lists the flags of every command", () => {
  for (const { name } of PROGRAM.commands) {
    const help = renderHelp(PROGRAM, name)!;
    assert(EXAMPLES[name]?.every((line) => help.includes(`  ${line}\n`)), name);
    assert(!help.includes("--secret-service-collection"), name);
  }
  assert.deepEqual(Object.keys(EXAMPLES).filter((name) => !TOPICS.includes(name)), []);
});

Deno.test("help flags names every back end and prompt", () => {
  const help = renderHelp(PROGRAM, "flags")!.replace(/\s+/g, " ");
  const names = [...BACKENDS.map(({ name }) => name), ...PROMPT_DRIVERS];
  assert.deepEqual(names.filter((name) => !help.includes(name)), []);
});

Deno.test("help has the topics that it names, and their commands and flags are there", () => {
  const names = PROGRAM.topics.map(({ name }) => name);
  assert.deepEqual(names, [
    "config",
    "backends",
    "mfa",
    "sso",
    "ci",
    "servers",
    "agents",
    "credential-process",
    "troubleshooting",
    "exit-codes",
    "environment",
    "files",
  ]);
  const known = new Set([
    "help",
    "sso",
    "mfa",
    "--help",
    "--version",
    ...PROGRAM.commands.flatMap(({ name, flags }) => [name, ...flags.map(({ name }) => name)]),
  ]);
  for (const name of names) {
    const help = renderHelp(PROGRAM, name)!;
    assert(renderHelp(PROGRAM, "")!.replace(/\s/g, "").includes(name), name);
    const flags = help.match(/(?<![\w-])--[a-z][a-z\d-]+/g) ?? [];
    assert.deepEqual(flags.filter((flag) => !known.has(flag)), [], name);
    const commands = [...help.matchAll(/^ +aws-vault ((?:sso )?[a-z][a-z-]*)/gm)];
    const words = commands.map(([, word]) => word!);
    assert.deepEqual(words.filter((word) => !known.has(word)), [], name);
  }
});
