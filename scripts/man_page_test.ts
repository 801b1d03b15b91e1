import assert from "node:assert/strict";
import { BACKENDS } from "../backends/mod.ts";
import { EXIT_CODES } from "../src/errors.ts";
import { EXIT_MEANINGS } from "../src/cli/exit_meanings.ts";
import { describeProgram } from "../src/cli/manual_program.ts";
import { requireService, runs } from "../tests/services.ts";
import { manualPage, releaseDocuments } from "./man_page.ts";

const GROFF = requireService("groff", runs("groff", "--version"), "apt-get install groff");
const MANDOC = requireService(
  "mandoc",
  runs("sh", "-c", "command -v mandoc"),
  "apt-get install mandoc",
);

async function format(program: string, ...args: string[]): Promise<[string, string]> {
  const path = Deno.makeTempFileSync({ suffix: ".1" });
  try {
    Deno.writeTextFileSync(path, manualPage());
    const { stdout, stderr } = await new Deno.Command(program, { args: [...args, path] }).output();
    const decoder = new TextDecoder();
    return [decoder.decode(stdout), decoder.decode(stderr)];
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test({
  ...GROFF,
  name: "manualPage() is formatted by groff without a warning",
  async fn() {
    const [text, warnings] = await format("groff", "-ww", "-man", "-Tascii", "-P-cbou");
    assert.equal(warnings, "");
    const sections = text.split("\n").filter((line) => /^[A-Z][A-Z ]+$/.test(line));
    assert.deepEqual(sections, [
      "NAME",
      "SYNOPSIS",
      "DESCRIPTION",
      "COMMANDS",
      "OPTIONS",
      "CONFIG FILE",
      "BACK ENDS",
      "MFA",
      "IAM IDENTITY CENTER",
      "CI",
      "SERVERS",
      "CODING AGENTS",
      "SDKS",
      "TROUBLESHOOTING",
      "ENVIRONMENT",
      "FILES",
      "EXIT STATUS",
      "EXAMPLES",
      "SEE ALSO",
    ]);
  },
});

Deno.test({
  ...MANDOC,
  name: "manualPage() has nothing that mandoc complains about",
  async fn() {
    assert.deepEqual(await format("mandoc", "-Tlint"), ["", ""]);
  },
});

Deno.test("manualPage() names every command, flag and exit code", () => {
  const plain = manualPage().replaceAll("\\-", "-");
  for (const command of describeProgram(BACKENDS).commands.filter(({ isHidden }) => !isHidden)) {
    assert(plain.includes(`.SS aws-vault ${command.name} `), command.name);
    for (const { name, isHidden } of command.flags) {
      assert(isHidden || new RegExp(`${name}(\\\\fR| )`).test(plain), name);
    }
  }
  assert.deepEqual(
    Object.keys(EXIT_MEANINGS).map(Number),
    [...new Set([0, ...Object.values(EXIT_CODES)])].sort((a, b) => a - b),
  );
});

Deno.test("releaseDocuments() are the manual page and a script for every shell", () => {
  assert.deepEqual([...releaseDocuments().keys()], [
    "aws-vault.1",
    "completions/aws-vault.bash",
    "completions/aws-vault.zsh",
    "completions/aws-vault.fish",
    "completions/aws-vault.ps1",
  ]);
});
