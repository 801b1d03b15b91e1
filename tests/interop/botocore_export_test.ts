/** What `export --format=ini` writes is what botocore reads, or is refused. */

import assert from "node:assert/strict";
import { renderCredentials } from "../../src/commands/export_formats.ts";
import { writeCredentials } from "../../src/config/credentials_section.ts";
import { VaultError } from "../../src/errors.ts";
import { Secret } from "../../src/secret.ts";
import { askBotocore, requireBotocore } from "./botocore.ts";

/** Reads each file as `~/.aws/credentials`, and gives what is in it for a profile. */
const READ = `
import json, os, sys, tempfile
import botocore.session
rows = []
for case in json.load(sys.stdin):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "credentials")
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(case["text"])
        os.environ.clear()
        os.environ["AWS_SHARED_CREDENTIALS_FILE"] = path
        os.environ["AWS_CONFIG_FILE"] = os.path.join(folder, "config")
        session = botocore.session.Session(profile=case["profile"])
        found = session.get_credentials()
        rows.append([found.access_key, found.secret_key, found.token, session.get_scoped_config().get("region")])
json.dump(rows, sys.stdout)
`;

const TEXTS = [
  "us-east-1",
  "it's",
  'a "quoted" word',
  "`touch x`$(touch x)",
  "%PATH%!x!",
  "%(aws_session_token)s",
  "back\\slash\\",
  "a=b==",
  " blanks ",
  "#no",
  "a # b ; c",
  "ä ü 日本",
  "[x]",
  "two\nlines",
  "",
];

const NAMES = [
  "work",
  "default",
  "my work",
  "bücher 日本",
  "o'brien",
  'a"b',
  "a#b",
  "%x",
  " x ",
  "a]b",
  "[x",
  "a\nb",
];

Deno.test("export --format=ini is read by botocore, or refused", requireBotocore(), async () => {
  const cases = [
    ...TEXTS.map((region) => ({ profile: "work", region })),
    ...NAMES.map((profile) => ({ profile, region: "us-east-1" })),
  ];
  const written = [];
  for (const { profile, region } of cases) {
    const text = await orRefused(() => render(profile, region));
    if (text !== undefined) written.push({ profile, region, text });
    const section = await orRefused(() => renderSection(profile, region));
    if (section !== undefined) written.push({ profile, region, text: section });
  }
  assert(written.length > cases.length);
  const read = await askBotocore(READ, written);
  assert.deepEqual(
    read,
    written.map(({ region }) => ["ASIA", "secret/+=", "token==", region || null]),
  );
});

function render(profile: string, region: string): Promise<string> {
  return renderCredentials("ini", {
    profile,
    region: region || undefined,
    credentials: {
      accessKeyId: "ASIA",
      secretAccessKey: new Secret("secret/+="),
      sessionToken: new Secret("token=="),
    },
  });
}

function renderSection(profile: string, region: string): string {
  const settings = [
    ["aws_access_key_id", "ASIA"],
    ["aws_secret_access_key", "secret/+="],
    ["aws_session_token", "token=="],
    ...region === "" ? [] : [["region", region] as const],
  ] as const;
  return writeCredentials("[other]\nregion = x\n", "f", profile, settings).text;
}

async function orRefused(make: () => string | Promise<string>): Promise<string | undefined> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}
