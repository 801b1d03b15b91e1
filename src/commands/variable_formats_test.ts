/** What each format writes, its reader reads back. */

import assert from "node:assert/strict";
import { parse } from "dotenv";
import { requireService } from "../../tests/services.ts";
import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { type ExportFormat, renderCredentials } from "./export_formats.ts";

/** Values chosen to hurt; the last ones cannot be written everywhere. */
const VALUES = [
  "us-east-1",
  "it's",
  'a "quoted" word',
  "`touch x`$(touch x)${HOME}$HOME",
  "%PATH%!PATH!^&|<>",
  "back\\slash\\n\\",
  "a=b==",
  "=sh=",
  "a:=sh",
  " blanks at the ends ",
  "#no comment # here",
  "ä ü 日本 ‘’‚‛",
  "~/x ; touch x && touch x",
  "two\nlines",
  "tab\tand\rreturn",
];

function render(format: ExportFormat, region: string): Promise<string> {
  return renderCredentials(format, {
    profile: "work",
    region,
    credentials: { accessKeyId: "ASIA", secretAccessKey: new Secret("secret") },
  });
}

/** What was read back, or `refused` where the format cannot hold the value. */
async function roundTrip(
  format: ExportFormat,
  value: string,
  read: (document: string) => Promise<string> | string,
): Promise<string> {
  try {
    return await read(await render(format, value));
  } catch (error) {
    if (error instanceof VaultError) return "refused";
    throw error;
  }
}

/** A shell that evaluates the document, and prints the region behind a mark. */
async function evaluate(shell: string, document: string): Promise<string> {
  const script = `${document}\nprintf '%s' "$AWS_REGION"\n`;
  const folder = await Deno.makeTempDir();
  try {
    const { stdout, stderr } = await new Deno.Command(shell, {
      args: ["-c", script],
      cwd: folder,
      clearEnv: true,
      env: { HOME: folder, PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" },
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    assert.deepEqual([...Deno.readDirSync(folder)].filter(({ name }) => name === "x"), []);
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function isThere(shell: string): Promise<boolean> {
  try {
    await new Deno.Command(shell, { args: ["-c", "true"], stdin: "null" }).output();
    return true;
  } catch {
    return false;
  }
}

const SHELLS: readonly (readonly [shell: string, format: ExportFormat])[] = [
  ["bash", "export-env"],
  ["dash", "export-env"],
  ["zsh", "export-env"],
  ["fish", "fish"],
];

for (const [shell, format] of SHELLS) {
  const service = requireService(shell, await isThere(shell), `apt-get install ${shell}`);
  Deno.test(`${format} is read back by ${shell}`, service, async () => {
    for (const value of VALUES) {
      assert.equal(await roundTrip(format, value, (text) => evaluate(shell, text)), value);
    }
  });
}

Deno.test("dotenv is read back by the package of that name, or refused", async () => {
  const read = (text: string) => parse(text)["AWS_REGION"] ?? "";
  const found = await Promise.all(VALUES.map((value) => roundTrip("dotenv", value, read)));
  const refused = ["it's", "back\\slash\\n\\", "two\nlines", "tab\tand\rreturn"];
  assert.deepEqual(found, VALUES.map((value) => refused.includes(value) ? "refused" : value));
});

const TERRAFORM = requireService("terraform", await isThere("terraform"), "Terraform 1");

Deno.test("terraform's block is read by Terraform, and has no credentials", TERRAFORM, async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const value of VALUES) {
      const block = await render("terraform", value);
      assert(!block.includes("ASIA") && !block.includes("secret"));
      // What comes after the name is an expression, which needs no provider to be evaluated.
      const expression = /^ {2}region += (.*)$/m.exec(block)![1]!;
      await Deno.writeTextFile(`${folder}/main.tf`, `output "x" { value = ${expression} }\n`);
      const run = async (...args: string[]) => {
        const env = { TF_CLI_CONFIG_FILE: "/dev/null", CHECKPOINT_DISABLE: "1", HOME: folder };
        const { code, stdout } = await new Deno.Command("terraform", { args, cwd: folder, env })
          .output();
        assert.equal(code, 0, value);
        return new TextDecoder().decode(stdout);
      };
      await run("apply", "-auto-approve", "-no-color");
      assert.equal(JSON.parse(await run("output", "-json", "x")), value);
      await Deno.writeTextFile(`${folder}/main.tf`, block);
      await run("fmt", "-check");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("docker-env is read back by its grammar, or refused", async () => {
  const read = (text: string) => /^AWS_REGION=(.*)$/m.exec(text)![1]!;
  const found = await Promise.all(VALUES.map((value) => roundTrip("docker-env", value, read)));
  assert.deepEqual(found, VALUES.map((value) => /[\n\r\t]/.test(value) ? "refused" : value));
});

const GENERATOR = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";
const SYSTEMD = requireService("systemd", await isThere(GENERATOR), "apt-get install systemd");

/**
 * What systemd reads in environment.d with the parser of `EnvironmentFile=`, and prints with C's escapes; that
 * folder expands variables as well, so that a dollar sign is left to the table below.
 */
Deno.test("systemd-env is read back by systemd", SYSTEMD, async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/environment.d`);
    for (const value of VALUES.filter((value) => !value.includes("$"))) {
      await Deno.writeTextFile(
        `${folder}/environment.d/x.conf`,
        await render("systemd-env", value),
      );
      const env = { XDG_CONFIG_HOME: folder, HOME: folder };
      const { stdout } = await new Deno.Command(GENERATOR, { clearEnv: true, env }).output();
      const text = new TextDecoder().decode(stdout);
      const [, quoted, bare] = /^AWS_REGION=(?:"(.*)"|(.*))$/m.exec(text)!;
      const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t" };
      const unescape = (text: string) => text.replace(/\\(.)/g, (_, c: string) => escapes[c] ?? c);
      assert.equal(quoted === undefined ? bare : unescape(quoted), value);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** How one value is written, by the rules of readers that are not here. */
const WRITTEN: Readonly<Record<string, readonly (readonly [value: string, line: string])[]>> = {
  powershell: [
    ["it's", "$Env:AWS_REGION = 'it''s'"],
    ["’ ‘ ‚ ‛", "$Env:AWS_REGION = '’’ ‘‘ ‚‚ ‛‛'"],
    ["$(x) `n %A%", "$Env:AWS_REGION = '$(x) `n %A%'"],
  ],
  pwsh: [["it's", "$Env:AWS_REGION = 'it''s'"]],
  cmd: [
    ["%PATH%&x", 'set "AWS_REGION=%%PATH%%&x"'],
    ['a"b', "refused"],
    ["two\nlines", "refused"],
  ],
  nushell: [
    ['a "b" \\ $x (y)', '$env.AWS_REGION = "a \\"b\\" \\\\ $x (y)"'],
    ["two\nlines\u007f", '$env.AWS_REGION = "two\\u{a}lines\\u{7f}"'],
  ],
  "systemd-env": [
    ['a "b" $x `y` \\', 'AWS_REGION="a \\"b\\" \\$x \\`y\\` \\\\"'],
    ["two\nlines", 'AWS_REGION="two\nlines"'],
  ],
};

for (const [format, cases] of Object.entries(WRITTEN)) {
  Deno.test(`${format} is written by the rules of its reader`, async () => {
    for (const [value, line] of cases) {
      const written = await roundTrip(format as ExportFormat, value, (text) => text);
      assert(written === line || `\n${written}`.includes(`\n${line}\n`), written);
    }
  });
}
