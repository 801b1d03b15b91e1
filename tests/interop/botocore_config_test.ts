/**
 * The config file is read as botocore reads it: thousands of made-up files, and no difference but four.
 *
 * Each of the four is one option of Python's configparser, which botocore leaves at its default:
 *
 * - duplicates: botocore refuses a file that has a section or key twice; aws-vault merges, later wins;
 * - byte order mark: botocore refuses what Windows editors write; aws-vault skips it;
 * - inline comments: to botocore ` # text` is part of the value; to aws-vault it never was;
 * - [DEFAULT]: Python hands its settings down to every section, which no other AWS tool does, and which
 *   would let one section turn all profiles into a role.
 *
 * Files that botocore refuses for any other reason (a line without "=", settings before a section) are
 * refused here too.
 */

import assert from "node:assert/strict";
import { openConfig, type Section } from "../../src/config/config_file.ts";
import { parseStrictName, type SectionKind } from "../../src/config/section_name.ts";
import { VaultError } from "../../src/errors.ts";
import { requireService, runs } from "../services.ts";
import { type MadeFile, makeFile, randomFrom } from "./botocore_config_files.ts";

const FILES = 2000;
const KINDS: readonly SectionKind[] = ["profile", "sso-session", "services"];

const botocore = requireService(
  "botocore",
  runs("python3", "-c", "import botocore.configloader"),
  "pip install botocore",
);

/** What a file says: for each kind the names with their settings; `null` where it is refused. */
type Reading = readonly (readonly [name: string, settings: unknown])[][] | null;

interface Answer {
  /** By botocore as it is. */
  readonly strict: Reading;
  /** By botocore with the options by which we differ. */
  readonly ours: Reading;
  /** Where those two differ: by botocore with one of the options. */
  readonly alone: Readonly<Record<string, Reading>>;
}

Deno.test({
  name: "openConfig() reads what botocore reads",
  ...botocore,
  fn: async () => {
    const seed = Number(Deno.env.get("AWS_VAULT_TEST_SEED") ?? Math.floor(Math.random() * 2 ** 32));
    const random = randomFrom(seed);
    const files = Array.from({ length: FILES }, () => makeFile(random));
    const answers = await readWithBotocore(files);
    const seen = new Map<string, number>();
    files.forEach((file, i) => {
      const { strict, ours, alone } = answers[i]!;
      const about = `AWS_VAULT_TEST_SEED=${seed}, file ${i}: ${JSON.stringify(file.text)}`;
      const reading = sorted(readHere(file.text));
      // A broken block is refused even where a later duplicate replaces it; so does botocore, for the duplicate.
      const isReplaced = reading === null && strict === null && ours !== null;
      if (isReplaced) assert.match(refusal(file.text), /has no "="$/, about);
      else assert.deepEqual(reading, sorted(ours), about);
      const reason = isSame(reading, strict)
        ? reading === null ? "refused by both" : "read by both"
        : Object.keys(alone).find((option) => isSame(reading, alone[option]!)) ?? "several options";
      seen.set(reason, (seen.get(reason) ?? 0) + 1);
    });
    assert.deepEqual([...seen.keys()].sort(), [
      "[DEFAULT]",
      "byte order mark",
      "duplicates",
      "inline comments",
      "read by both",
      "refused by both",
      "several options",
    ], `AWS_VAULT_TEST_SEED=${seed}: ${JSON.stringify([...seen])}`);
  },
});

function refusal(text: string): string {
  try {
    openConfig(text, "config").sections();
    return "not refused";
  } catch (error) {
    return (error as Error).message;
  }
}

async function readWithBotocore(files: readonly MadeFile[]): Promise<Answer[]> {
  const child = new Deno.Command("python3", {
    args: [`${import.meta.dirname}/botocore_config.py`],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  const [{ stdout, success }] = await Promise.all([
    child.output(),
    writer.write(new TextEncoder().encode(JSON.stringify(files))).then(() => writer.close()),
  ]);
  assert.ok(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Reads a file by all its ways in: whole, by search and by index, which have to agree. */
function readHere(text: string): Reading {
  const config = openConfig(text, "config");
  let names;
  try {
    names = config.sections().map(({ header }) => parseStrictName(header));
  } catch (error) {
    assert.ok(error instanceof VaultError && error.code === "bad-config");
    assert.match(error.message, /^Cannot read config:\d+: /);
    return null;
  }
  const ofKind = (kind: SectionKind) => [
    ...new Set(names.filter((name) => name?.kind === kind).map((name) => name!.name)),
  ];
  // Names without quotes are profiles here, and nothing to botocore.
  const known = new Set(ofKind("profile"));
  assert.deepEqual(config.profileNames().filter((name) => known.has(name)), ofKind("profile"));
  return KINDS.map((kind) =>
    ofKind(kind).map((name) => {
      const bySearch = openConfig(text, "config").section({ kind, name });
      const byIndex = config.section({ kind, name });
      assert.deepEqual(settingsOf(bySearch), settingsOf(byIndex));
      return [name, settingsOf(bySearch)] as const;
    })
  );
}

function settingsOf(section: Section | undefined): unknown {
  assert.ok(section);
  return [...section.settings].map(([key, { value }]) => [
    key,
    typeof value === "string" ? value : [...value],
  ]);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

/** Pairs in the order of their keys; the order in a file means nothing. */
function sorted(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const parts = value.map(sorted);
  const isPairs = parts.every((part) => Array.isArray(part) && typeof part[0] === "string");
  return isPairs ? parts.sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1) : parts;
}
