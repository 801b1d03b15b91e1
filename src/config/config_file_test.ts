import assert from "node:assert/strict";
import { processorMs } from "../../tests/services/processor_time.ts";
import { type ConfigFile, openConfig } from "./config_file.ts";

const values = (config: ConfigFile, name: string) =>
  [...config.profile(name)?.settings ?? []].map(([key, { value }]) => [key, value]);

Deno.test("openConfig() reads the whole dialect", () => {
  const text = '\ufeff# top\r\n[default]\r\nRegion: us-east-1\r\n[profile "my work"] # mine\r\n' +
    "a=b # c\r\nurl = https://x/#/\r\nlong = one ; no\r\n  two\r\n\r\n  three\r\ns3 =\r\n" +
    "  # note\r\n  Max = 1 ; few\r\n[other]\r\n";
  const config = openConfig(text, "config");
  assert.deepEqual(config.profileNames(), ["default", "my work"]);
  assert.deepEqual(values(config, "default"), [["region", "us-east-1"]]);
  assert.deepEqual(values(config, "my work"), [
    ["a", "b"],
    ["url", "https://x/#/"],
    ["long", "one\ntwo\n\nthree"],
    ["s3", new Map([["Max", "1"]])],
  ]);
  assert.deepEqual(config.sections().map(({ header }) => header), [
    "default",
    'profile "my work"',
    "other",
  ]);
});

Deno.test("openConfig() merges duplicates, the later wins, and keeps the parts", () => {
  const config = openConfig(
    "[profile a]\nk = 1\nl = 2\nK = 3\n[b]\n[profile a]\nk = 4\n",
    "config",
  );
  assert.deepEqual(values(config, "a"), [["k", "4"], ["l", "2"]]);
  assert.deepEqual(
    config.profile("a")!.parts.map(({ entries }) => entries.map(({ key }) => key)),
    [["k", "l", "k"], ["k"]],
  );
});

Deno.test("openConfig() takes the later of [default] and [profile default], as botocore does", () => {
  const [plain, long] = ["[default]\na = 1\n", "[profile default]\nb = 2\n"];
  assert.deepEqual(values(openConfig(plain + long, "config"), "default"), [["b", "2"]]);
  assert.deepEqual(values(openConfig(long + plain, "config"), "default"), [["a", "1"]]);
});

Deno.test("openConfig() treats names that mean something to JavaScript as names", () => {
  const config = openConfig("[profile __proto__]\n__proto__ = x\n", "config");
  assert.deepEqual(values(config, "__proto__"), [["__proto__", "x"]]);
  assert.deepEqual([config.hasProfile("constructor"), values(config, "toString")], [false, []]);
});

Deno.test("openConfig() finds the same by search and by index", () => {
  const names = Array.from({ length: 30 }, (_, i) => `p${i}`);
  const text = names.map((name) => `[profile ${name}]\nk = ${name}\n`).join("");
  const config = openConfig(text, "config");
  for (const name of names) {
    assert.deepEqual(values(config, name), [["k", name]]);
    assert.deepEqual(values(openConfig(text, "config"), name), [["k", name]]);
  }
});

Deno.test("openConfig() finds a name however its header is written, by search and by index", () => {
  const headers = [
    "[profile a.b]",
    "[profile  a.b ]",
    "[profile\ta.b\t]",
    `[profile "a.b"]`,
    `[profile a\\.b]`,
    "[profile a.b] # source",
  ];
  for (const header of headers) {
    const text = `[profile axb]\nk = no\n${header}\nk = yes\n[profile c]\nsource_profile = a.b\n`;
    const searched = openConfig(text, "config");
    const indexed = openConfig(text, "config");
    assert.deepEqual(indexed.profileNames(), ["axb", "a.b", "c"], header);
    for (const config of [searched, indexed]) {
      assert.deepEqual(values(config, "a.b"), [["k", "yes"]], header);
    }
  }
});

Deno.test("openConfig() reads no section that was not asked for", () => {
  const config = openConfig("[profile a]\nk = v\n[profile b]\nnonsense\n", "/home/a/.aws/config");
  assert.deepEqual(values(config, "a"), [["k", "v"]]);
  const message =
    'Cannot read /home/a/.aws/config:4: a line is neither a section, nor "name = value", nor a comment';
  assert.deepEqual([config.profileNames(), config.hasProfile("b")], [["a", "b"], true]);
  assert.throws(() => config.profile("b"), { code: "bad-config", message });
  assert.throws(() => config.sections(), { code: "bad-config", message });
});

Deno.test("openConfig() refuses a file that begins with no section, whatever is asked", () => {
  const text = "# my settings\nregion = x\n[profile a]\n";
  const refusal = {
    code: "bad-config",
    message: "Cannot read config:2: there is a line before the first section",
  };
  assert.throws(() => openConfig(text, "config").profile("a"), refusal);
  assert.throws(() => openConfig(text, "config").hasProfile("b"), refusal);
  assert.throws(() => openConfig(text, "config").profileNames(), refusal);
  assert.throws(() => openConfig(text, "config").sections(), refusal);
});

/** Shapes of a text that make a careless reader start again and again. */
const ENDLESS: Readonly<Record<string, string>> = {
  "indented headers": "  [x]\n",
  "indented headers with quotes": ' ["x"]\n',
  "headers below a value": "k = v\n [x]\n",
  "brackets in one line": "[ ",
  "closing brackets in one line": " x]",
  "headers without an end": "[x\n",
  "lines of the oldest kind": "[x]\r",
  "blank lines of the oldest kind": "\r",
  "comments in one line": " #",
  "one section again and again": "[profile x]\nk = v\n",
  backslashes: "\\",
};

Deno.test("openConfig() takes a time that grows with the file only, whatever is in it", () => {
  const lookups: Readonly<Record<string, (config: ConfigFile) => unknown>> = {
    names: (config) => config.profileNames(),
    "a lookup": (config) => config.profile("x"),
    "all sections": (config) => config.sections(),
  };
  for (const [shape, piece] of Object.entries(ENDLESS)) {
    const text = "[profile first]\nk = " + piece.repeat(400_000 / piece.length);
    for (const [what, lookUp] of Object.entries(lookups)) {
      const tookMs = processorMs(() => {
        try {
          lookUp(openConfig(text, "config"));
        } catch (error) {
          assert.match(String(error), /Cannot read config:/);
        }
      });
      // Under 0.1 s; what starts again for every line takes a minute.
      assert(tookMs < 5000, `${what}: ${shape}`);
    }
  }
});
