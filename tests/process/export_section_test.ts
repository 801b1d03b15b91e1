/** `export --section`: credentials in one section of a file, for as long as they are to be there. */

import assert from "node:assert/strict";
import { Home, NOT_ON_WINDOWS } from "../home.ts";

const FILE = ".aws/credentials";
const MINE = "# caf\xe9, mine\n[other]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
  "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
const CONFIG = "[profile work]\nregion = us-east-1\n";

async function openHome(): Promise<Home> {
  const home = await Home.open();
  await home.as("work").succeed("add", "--env", "--no-add-config", "work");
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"]) {
    delete home.env[name];
  }
  home.write(".aws/config", CONFIG);
  home.write(FILE, "", 0o644);
  // Latin-1, which is not UTF-8.
  Deno.writeFileSync(`${home.path}/${FILE}`, bytes(MINE));
  return home;
}

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** The file, each byte a character. */
function readBytes(home: Home, path = FILE): string {
  return String.fromCharCode(...Deno.readFileSync(`${home.path}/${path}`));
}

function write(home: Home, section: string, ...flags: string[]) {
  const output = `${home.path}/${FILE}`;
  return home.run(
    "export",
    "--format=ini",
    "--output",
    output,
    "--section",
    section,
    ...flags,
    "work",
  );
}

/** As if the time were over, also for the compiled program, whose clock is the machine's. */
function endNow(home: Home): void {
  const path = ".awsvault/state/written-sections.json";
  const written = JSON.parse(home.read(path)!);
  const until = Math.floor(Date.now() / 1000) - 1;
  const sections = written.sections.map((section: object) => ({ ...section, until }));
  home.write(path, JSON.stringify({ ...written, sections }), 0o600);
}

Deno.test(
  "export --section writes one section, which clear takes out in time",
  NOT_ON_WINDOWS,
  async () => {
    await using home = await openHome();
    const { code, stdout, stderr } = await write(home, "tmp", "--for", "30m");
    assert.deepEqual([code, stdout], [0, ""], stderr);
    assert.match(
      stderr,
      /^warning: Every program that you run can read these credentials in ".*", until 2/m,
    );
    const written = readBytes(home);
    assert(written.startsWith(`${MINE}\n[tmp]\naws_access_key_id = ASIA`));
    assert.match(
      written,
      /\naws_session_token = \S+\naws_credential_expiration = \S+Z\nregion = us-east-1\n$/,
    );
    assert.equal(Deno.statSync(`${home.path}/${FILE}`).mode! & 0o777, 0o600);
    const early = await home.succeed("clear");
    assert.match(early.stderr, /^note: Section "tmp" of ".*" stays until /m);
    assert.equal(readBytes(home), written);
    const before = await home.run("doctor", "--offline", "--json");
    assert.match(before.stdout, /"id": "written-section",\s+"severity": "note"/);
    endNow(home);
    const late = await home.run("doctor", "--offline", "--json");
    assert.match(late.stdout, /"id": "written-section",\s+"severity": "warning"/);
    assert.match((await home.succeed("clear", "work")).stderr, /^Removed section "tmp" of "/m);
    assert.equal(readBytes(home), MINE);
    assert.deepEqual(JSON.parse(home.read(".awsvault/state/written-sections.json")!).sections, []);
  },
);

Deno.test(
  "export --section leaves a section alone that is somebody else's by now",
  NOT_ON_WINDOWS,
  async () => {
    await using home = await openHome();
    assert.equal((await write(home, "tmp")).code, 0);
    const changed = readBytes(home).replace("ASIA", "ASIX");
    Deno.writeFileSync(`${home.path}/${FILE}`, bytes(changed));
    endNow(home);
    await home.succeed("clear");
    assert.equal(readBytes(home), changed);
    assert.deepEqual(JSON.parse(home.read(".awsvault/state/written-sections.json")!).sections, []);
  },
);

Deno.test("export loses no key and no profile of a file", NOT_ON_WINDOWS, async () => {
  await using home = await openHome();
  home.aws.takeCalls();
  const file = `${home.path}/${FILE}`;
  const refused: [string[], number, RegExp][] = [
    [["--format=ini", "--output", file, "--section", "other"], 1, /it has a long-term key/],
    [["--format=ini", "--output", file], 2, /its profiles would be lost/],
    [["--output", `${home.path}/.aws/config`], 2, /its profiles would be lost/],
    [["--output", file, "--section", "tmp"], 2, /Cannot use --section like this/],
    [["--format=ini", "--section", "tmp"], 2, /Cannot use --section like this/],
    [["--format=ini", "--output", file, "--for", "1h"], 2, /Cannot use --for like this/],
    [
      ["--format=ini", "--output", file, "--section", "tmp", "-n"],
      2,
      /Cannot use --section like this/,
    ],
    [
      ["--format=ini", "--output", file, "--section", "a]b"],
      2,
      /it is not possible as a section name/,
    ],
  ];
  for (const [flags, wanted, why] of refused) {
    const { code, stdout, stderr } = await home.run("export", ...flags, "work");
    assert.deepEqual([code, stdout], [wanted, ""], flags.join(" "));
    assert.match(stderr, why);
  }
  assert.deepEqual([readBytes(home), home.read(".aws/config")], [MINE, CONFIG]);
  assert.deepEqual(home.aws.takeCalls(), []);
});
