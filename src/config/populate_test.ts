import assert from "node:assert/strict";
import { type GeneratedProfile, populateBlock } from "./populate.ts";

const profile = (name: string, role = name): GeneratedProfile => ({
  name,
  settings: [["sso_session", "corp"], ["sso_role_name", role]],
  initial: [],
});

const populate = (text: string, names: readonly string[], prunes = false) =>
  populateBlock(text, "/config", {
    session: "corp",
    profiles: names.map((n) => profile(n)),
    prunes,
  });

const BEGIN = "# aws-vault sso populate corp: begin";
const END = "# aws-vault sso populate corp: end";

for (
  const [name, before] of [
    ["an empty file", ""],
    ["a byte order mark", "\ufeff"],
    ["no line end at the end", "[default]\nregion = r"],
    ["CRLF", "; comment\r\n[default]\r\nregion = r\r\n"],
    ["a nested block at the end", "[default]\ns3 =\n  a = b\n"],
    ["another login's block", `[default]\n${BEGIN.replace("corp", "other")}\n`],
  ] as const
) {
  Deno.test(`populateBlock() keeps every byte of ${name}, and is idempotent`, () => {
    const first = populate(before, ["a", "b"]);
    assert(first.text.startsWith(before), first.text);
    assert.equal(first.text.includes("\r\n"), before.includes("\r\n"));
    assert.deepEqual(first.added, ["a", "b"]);
    assert.deepEqual(populate(first.text, ["a", "b"]), {
      text: first.text,
      added: [],
      changed: [],
      removed: [],
      stale: [],
      taken: [],
      diff: [],
    });
    const pruned = populate(first.text, [], true);
    assert.deepEqual(pruned.removed, ["a", "b"]);
    assert.equal(populate(pruned.text, ["a", "b"]).text, first.text);
  });
}

Deno.test("populateBlock() keeps what others wrote into the block, and what stands behind it", () => {
  const { text } = populate("[default]\n", ["a", "b"]);
  const edited = text.replace("[profile b]", "# about b\n[profile b]\nregion = mine") +
    "[profile after]\nregion = x\n";
  const { text: after, added } = populate(edited, ["a", "b", "c"]);
  assert.deepEqual(added, ["c"]);
  assert.match(after, /# about b\n\[profile b\]\nregion = mine\nsso_session = corp\n/);
  assert(after.endsWith(`${END}\n[profile after]\nregion = x\n`), after);
});

Deno.test("populateBlock() leaves profiles alone that are outside it", () => {
  const found = populate("[profile a]\nregion = mine\n", ["a", "b"]);
  assert.deepEqual([found.taken, found.added], [["a"], ["b"]]);
  assert.equal(found.text.match(/profile a\]/g)?.length, 1);
});

Deno.test("populateBlock() refuses marks that are not a pair", () => {
  for (const text of [BEGIN, END, `${END}\n${BEGIN}\n`, `${BEGIN}\n${BEGIN}\n${END}\n`]) {
    assert.throws(() => populate(`[default]\n${text}\n`, ["a"]), { code: "conflict" });
  }
});
