/**
 * Keeps USAGE.md true: runs its commands, and compares its lists with the program.
 *
 * Every `console` block is played in one home folder, in order, against a fake AWS, as a story. A line
 * `$ …` is a command; the lines below it are what it says on both streams, where `…` stands for any
 * text of a line and `...` for any lines; a command without such lines may say anything.
 */

import assert from "node:assert/strict";
import { BACKENDS } from "../../backends/mod.ts";
import { AWS_VARIABLES, ownVariables } from "../../src/cli/manual_environment.ts";
import { describeCommands } from "../../src/cli/manual_commands.ts";
import { EXIT_MEANINGS } from "../../src/cli/exit_meanings.ts";
import { sourceSettings } from "../../src/credentials/source.ts";
import { SOURCES } from "../../src/credentials/sources/mod.ts";
import { PROMPT_DRIVERS } from "../../src/prompt/driver_names.ts";
import { requireService } from "../services.ts";
import { runStory } from "../stories/run_story.ts";

const USAGE = Deno.readTextFileSync(new URL("../../USAGE.md", import.meta.url));

/** The people and roles of the examples; AWS's own example keys stand for theirs. */
const WORLD = `aws regions=any iam-region=eu-west-1
user work mfa=any
user ci
role admin mfa
role audit mfa trusts=role/admin
env KEY_ID={key work}
env SECRET={secret work}
env NEW_KEY_ID={key ci}
env NEW_SECRET={secret ci}
env CI_KEY_ID={key ci}
env CI_SECRET={secret ci}
`;
const EXAMPLE_KEYS: readonly (readonly [example: string, stands: string])[] = [
  ["AKIAIOSFODNN7EXAMPLE", "{key work}"],
  ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "{secret work}"],
  ["AKIAI44QH8DHBEXAMPLE", "{key ci}"],
  ["je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY", "{secret ci}"],
];

function blocks(language: string): string[] {
  const fence = new RegExp("^```" + language + "\\n(.*?)^```$", "gms");
  return [...USAGE.matchAll(fence)].map(([, text]) => text!);
}

function storyOf(consoles: readonly string[], [config, credentials]: readonly string[]): string {
  const steps = consoles.flatMap((block) => block.split(/^(?=\$ )/m).map(renderStep));
  return [
    WORLD,
    ...steps,
    `-- .aws/config --\n${config}`,
    `-- .aws/credentials --\n${withRealKeys(credentials ?? "")}`,
  ].join("\n");
}

function withRealKeys(text: string): string {
  return EXAMPLE_KEYS.reduce((text, [example, stands]) => text.replaceAll(example, stands), text);
}

function renderStep(text: string): string {
  const [line = "", ...said] = text.trimEnd().split("\n");
  const expected = said.map((said) => {
    const masked = said.replaceAll("ASIA…", "<ASIA>").replaceAll(/(AKIA)?…/g, "<ANY>");
    return `> ${masked}`.trimEnd();
  });
  // Both streams, as in a terminal; the output shows the exit code.
  return [
    `$ { ${withRealKeys(line.slice(2))}; } 2>&1 || true`,
    "reveals credentials",
    ...(expected.length === 0 ? ["> ..."] : expected),
    "aws> ...",
    "",
  ].join("\n");
}

const SHELL = requireService("a POSIX shell", Deno.build.os !== "windows", "Linux or macOS");

Deno.test({
  ...SHELL,
  name: "the commands of USAGE.md do what it says",
  async fn() {
    await runStory(storyOf(blocks("console"), blocks("ini")));
  },
});

Deno.test("no example puts a secret key into the history of a shell", () => {
  const readme = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));
  const lines = [...USAGE.split("\n"), ...readme.split("\n")];
  assert.deepEqual(lines.filter((line) => /SECRET_ACCESS_KEY=["']?\w/.test(line)), []);
});

Deno.test("USAGE.md names every command and flag", () => {
  for (const { name, flags } of describeCommands(BACKENDS)) {
    assert(USAGE.includes(`\`${name}`), `the command ${name} is missing`);
    for (const flag of flags.filter(({ isHidden }) => !isHidden)) {
      assert(new RegExp(`${flag.name}\\b`).test(USAGE), `${name} ${flag.name} is missing`);
    }
  }
});

Deno.test("USAGE.md names every variable, back end, prompt and exit code", () => {
  const variables = [...ownVariables(BACKENDS), ...AWS_VARIABLES].flatMap(([terms]) =>
    terms.split(", ")
  );
  const words = [...variables, ...BACKENDS.map(({ name }) => name), ...PROMPT_DRIVERS];
  assert.deepEqual(words.filter((word) => !USAGE.includes(word)), []);
  const codes = [...USAGE.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
  assert.deepEqual(codes, Object.keys(EXIT_MEANINGS).map(Number));
});

Deno.test("USAGE.md names every setting of a source among those never taken from [default]", () => {
  const sentence = /^These are \*\*never\*\* taken from[^.]*\./m.exec(USAGE)![0];
  const named = [...sentence.matchAll(/`([a-z_]+)(\*?)`/g)].map(([, name, rest]) =>
    new RegExp(`^${name}${rest && ".+"}$`)
  );
  const missing = sourceSettings(SOURCES).filter((name) => !named.some((it) => it.test(name)));
  assert.deepEqual(missing, []);
});

Deno.test("the manual names every variable that the sources read", () => {
  const known = new Set(
    [...ownVariables(BACKENDS), ...AWS_VARIABLES].flatMap(([terms]) => terms.split(", ")),
  );
  const read = sources().flatMap((text) =>
    [...text.matchAll(/"(AWS_VAULT_[A-Z_]+[A-Z])"/g)].map(([, name]) => name!)
  );
  const internal = new Set([
    "AWS_VAULT_HELPER_MARK",
    "AWS_VAULT_PROFILE_CHAIN",
    "AWS_VAULT_WITHHELD_SSLKEYLOGFILE",
  ]);
  const unknown = [...new Set(read)].filter((name) => !known.has(name) && !internal.has(name));
  assert.deepEqual(unknown, []);
});

function sources(): string[] {
  const texts: string[] = [];
  const visit = (folder: URL) => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      if (isDirectory) visit(new URL(`${name}/`, folder));
      else if (/(?<!_test)\.ts$/.test(name)) {
        texts.push(Deno.readTextFileSync(new URL(name, folder)));
      }
    }
  };
  visit(new URL("../../src/", import.meta.url));
  visit(new URL("../../backends/", import.meta.url));
  return texts;
}

Deno.test("the links within USAGE.md lead somewhere", () => {
  const headings = [...USAGE.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")
  );
  const links = [...USAGE.matchAll(/\]\(#([^)]+)\)/g)].map(([, target]) => target!);
  assert.deepEqual(links.filter((target) => !headings.includes(target)), []);
});
