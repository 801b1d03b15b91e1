/**
 * Edits of made-up config files: every other byte stays, and the file means the same except for the
 * edit.
 *
 * What is expected is worked out here line by line and name by name, not by the code that edits.
 */

import assert from "node:assert/strict";
import { openConfig } from "../../src/config/config_file.ts";
import { addSection, removeKey, setKey } from "../../src/config/edit.ts";
import { parseSectionName, type SectionName } from "../../src/config/section_name.ts";
import { VaultError } from "../../src/errors.ts";
import { makeFile, randomFrom } from "./botocore_config_files.ts";

const FILES = 2000;
const NEW_NAMES = ["new", "x y", 'a"b', "a\\b", "it's", "a]c", "é é", "__proto__ ", "#1", " "];
const VALUES = ["v", "", "a = b", "a#b", "[x]", "https://x/#/", "it's", "é  é", "%(x)s"];
const BAD_VALUES = ["a # b", "a\nb = c", " lead", "trail ", "a\u001c", "\r", "a\t;b"];

const COMMENT = /^[ \t\u3000]*[#;]/;

type Settings = Map<string, string | ReadonlyMap<string, string>>;

/** What the profiles, SSO sessions and services of a file say, and the headers of all that is left. */
function readAll(text: string): { named: Map<string, Settings>; others: string[] } {
  const named = new Map<string, Settings>();
  const others: string[] = [];
  for (const { header } of openConfig(text, "c").sections()) {
    const name = parseSectionName(header);
    if (name === undefined) others.push(header);
    else named.set(`${name.kind} ${name.name}`, settingsOf(text, name));
  }
  return { named, others };
}

function settingsOf(text: string, name: SectionName): Settings {
  const section = openConfig(text, "c").section(name);
  return new Map([...section!.settings].map(([key, { value }]) => [key, value]));
}

/** The lines of a text, with their ends. */
const linesOf = (text: string) =>
  text.replace(/^\ufeff/, "").match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];

/** Whether all of one list is in the other, in order. */
function isWithin(lines: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const line of all) if (line === lines[at]) at++;
  return at === lines.length;
}

/** How many characters two texts share at the start, and at the end of what is left. */
function shared(a: string, b: string): { start: number; end: number } {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start++;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return { start, end };
}

/** Gives the edited text, or `undefined` where the edit is refused because it would not be safe. */
function attempt(edit: () => string): string | undefined {
  try {
    return edit();
  } catch (error) {
    assert.ok(error instanceof VaultError && error.code === "conflict", String(error));
    return undefined;
  }
}

Deno.test("edits keep every other byte and mean what was asked for", () => {
  const seed = Number(Deno.env.get("AWS_VAULT_TEST_SEED") ?? Math.floor(Math.random() * 2 ** 32));
  const random = randomFrom(seed);
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)]!;
  let made = 0;
  let refused = 0;
  for (let i = 0; i < FILES; i++) {
    const { text } = makeFile(random);
    let before;
    try {
      before = readAll(text);
    } catch {
      continue; // A file that cannot be read: what it says cannot be compared.
    }
    const known = openConfig(text, "c").sections().map(({ header }) => parseSectionName(header))
      .filter((name) => name !== undefined);
    const name: SectionName = known.length > 0 ? pick(known) : { kind: "profile", name: "work" };
    const label = `${name.kind} ${name.name}`;
    const settings = before.named.get(label);
    const key = settings !== undefined && settings.size > 0 && random() < 0.7
      ? pick([...settings.keys()])
      : "new_key";
    const value = pick(VALUES);
    const about = (edit: string, after: string) =>
      `AWS_VAULT_TEST_SEED=${seed}, file ${i}, ${edit} ${JSON.stringify([name, key, value])}:\n` +
      `${JSON.stringify(text)}\n${JSON.stringify(after)}`;
    const check = (
      edit: string,
      after: string | undefined,
      expect: (all: Map<string, Settings>) => void,
    ) => {
      after === undefined ? refused++ : made++;
      if (after === undefined) return false;
      const expected = new Map([...before.named].map(([k, v]) => [k, new Map(v)]));
      expect(expected);
      const read = readAll(after);
      assert.deepEqual(read.named, expected, about(edit, after));
      assert.deepEqual(read.others, before.others, about(edit, after));
      return true;
    };

    const fresh: SectionName = { kind: "profile", name: pick(NEW_NAMES) };
    const added = attempt(() => addSection(text, "c", fresh, [["k", value]]));
    if (check("add", added, (all) => all.set(`profile ${fresh.name}`, new Map([["k", value]])))) {
      assert.ok(added!.startsWith(text), about("add", added!));
      assert.equal(/[\r\n]$/.test(added!), /[\r\n]$/.test(text) || /^\ufeff?$/.test(text));
    }

    if (settings !== undefined) {
      const set = attempt(() => setKey(text, "c", name, key, value));
      if (check("set", set, (all) => all.get(label)!.set(key, value))) {
        const { start, end } = shared(text, set!);
        const lost = text.slice(start, text.length - end);
        const old = settings.get(key);
        // One stretch is replaced, no longer than the value was; of a block, its lines.
        if (old === undefined) assert.match(lost, /^$/, about("set", set!));
        else if (typeof old === "string" && !old.includes("\n")) {
          assert.ok(lost.length <= old.length, about("set", set!));
        }
        const gone = linesOf(text).filter((line) => COMMENT.test(line));
        assert.ok(isWithin(gone, linesOf(set!)), about("set", set!));
      }
      assert.equal(attempt(() => setKey(text, "c", name, key, pick(BAD_VALUES))), undefined);

      const unset = attempt(() => removeKey(text, "c", name, key));
      if (check("unset", unset, (all) => all.get(label)!.delete(key))) {
        assert.ok(isWithin(linesOf(unset!), linesOf(text)), about("unset", unset!));
      }
    }
  }
  assert.ok(made > 50 * refused, `AWS_VAULT_TEST_SEED=${seed}: ${made} made, ${refused} refused`);
});
