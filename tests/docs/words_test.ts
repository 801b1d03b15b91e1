/** The words that `docs/words.md` lists under "Not used" are not used. */

import assert from "node:assert/strict";
import { repositoryFiles, ROOT } from "./repository_files.ts";

/** How the words of one row are found. */
interface Rule {
  /** The row's first cell. */
  readonly row: string;
  /** Absent: the word is right in another sense, and only a reader sees which it is. */
  readonly pattern?: RegExp;
  /** The files that the row is about; all, where it is absent. */
  readonly files?: RegExp;
  /** Where the word is right: a part of what stands around it. */
  readonly except?: readonly { readonly text: RegExp; readonly reason: string }[];
}

const RULES: readonly Rule[] = [
  { row: "told, tells (of a program)", pattern: /\b(told|tells)\b/i },
  {
    row: "say (as a name of a pure function)",
    pattern: /\bfunction says?(?![a-z])/,
    except: [{ text: /function say\(text: string\): void/, reason: "it prints" }],
  },
  { row: "anew", pattern: /\banew\b/i },
  { row: "is no X", pattern: /(?<!\b(there|where|here) )\bis no (?!longer\b|more\b)/i },
  { row: "rests, rests opened", pattern: /\brests\b/i },
  { row: "by TLS", pattern: /\bby TLS\b/ },
  {
    row: "left out (of a test)",
    pattern: /\btests?\b[^.]*\bleft out\b/i,
    files: /\.(yml|md)$|run$/,
  },
  { row: "second factor (for the device)", pattern: /\bsecond factor\b/i },
  { row: "begun anew", pattern: /\bbegun anew\b/i },
  { row: "shall, thus, hence, whoever", pattern: /\b(shall|thus|hence|whoever)\b/i },
  { row: "session (for a run of a command)" },
  { row: "the other tool, the original", pattern: /\bthe (other tool|original)\b/i },
  {
    row: "vault (for a keystore)",
    pattern: /(?<![-/.])\bvault\b/i,
    except: [
      {
        text: /" in vault|\} in vault/,
        reason: "aws-vault 7 prints it so, and scripts look for it",
      },
      { text: /vault\/[a-z-]+`|"vault(\/"|", rules)/, reason: "the program's own rules of lint" },
      { text: /vault\/\w+\.go/, reason: "a folder of aws-vault 7" },
      { text: /"my vault"/, reason: "an item of another program's" },
      { text: /(useradd|USER).* vault/, reason: "the user of the program's container" },
    ],
  },
  { row: "secret (as a general word for an item)" },
  {
    row: "wish, want (in messages)",
    pattern: /["`][^"`(){};=]*\b(wish|wishes|wants?)\b[^"`(){};=]*["`]/,
    files: /^\.\/(src|backends)\/.*(?<!_test)\.ts$/,
  },
  { row: "may not", pattern: /\bmay not\b/i },
  { row: "meanwhile", pattern: /\bmeanwhile\b/i },
  {
    row: "inside of, outside of, for ever",
    pattern: /\b((in|out)side of|for ever)\b/i,
  },
  { row: "knows no locks, knows no X", pattern: /\bknows? no\b/i },
  { row: "in clear", pattern: /\bin clear\b/i },
  { row: "defect (of the program)", pattern: /\bdefects?\b/i },
];

/** The list itself, this file, and what others wrote. */
const NOT_READ = /\/(docs\/words\.md|words_test\.ts|LICENSE|deno\.lock)$/;

const TEXTS = repositoryFiles(/./).filter(([path]) => !NOT_READ.test(path))
  .map(([path, text]) => ({ path, text: joinLines(text) }));

/** A sentence of a comment or document in one line. */
function joinLines(text: string): string {
  return text.replaceAll(/\n[ \t]*(\*(?!\/)|\/\/|#)?[ \t]*/g, " ");
}

/** What a row forbids, with what stands around it. */
function findUses({ pattern, files = /./ }: Rule): { path: string; around: string }[] {
  if (pattern === undefined) return [];
  const all = new RegExp(pattern.source, `g${pattern.flags}`);
  return TEXTS.filter(({ path }) => files.test(path)).flatMap(({ path, text }) =>
    [...text.matchAll(all)].map(({ index, 0: found }) => ({
      path,
      around: text.slice(Math.max(0, index - 40), index + found.length + 40),
    }))
  );
}

Deno.test("each row of words that are not used has a rule", () => {
  const text = Deno.readTextFileSync(new URL("docs/words.md", ROOT));
  const table = /## Not used\n\n([^]*?)\n\n/.exec(text)![1]!.split("\n").slice(2);
  const rows = table.map((line) => line.split("|")[1]!.trim());
  assert.deepEqual(RULES.map(({ row }) => row), rows);
});

for (const rule of RULES.filter(({ pattern }) => pattern !== undefined)) {
  Deno.test(`not used: ${rule.row}`, () => {
    const except = rule.except ?? [];
    const uses = findUses(rule);
    const isRight = (around: string) => except.some(({ text }) => text.test(around));
    assert.deepEqual(uses.filter(({ around }) => !isRight(around)), []);
    const unneeded = except.filter(({ text }) => !uses.some(({ around }) => text.test(around)));
    assert.deepEqual(unneeded, []);
  });
}
