/** `.ci/install-deno` with an npm that hands out what a test says. */

import assert from "node:assert/strict";
import { sha256 } from "../../scripts/pinned_deno.ts";
import { writeProgram } from "../services/write_program.ts";

const SCRIPT = new URL("../../.ci/install-deno", import.meta.url);
const NAME = "deno-2.9.6-x86_64-unknown-linux-gnu";
// Other systems have other names for all that this plays.
const linux = { ignore: Deno.build.os !== "linux" };

/** Runs the script in a repository whose table names `pinned`, while npm's package has `served`. */
async function install(pinned: string, served: string) {
  const root = await Deno.makeTempDir();
  try {
    for (const name of [".ci", "scripts", "bin", "package"]) await Deno.mkdir(`${root}/${name}`);
    await Deno.copyFile(SCRIPT, `${root}/.ci/install-deno`);
    const sum = await sha256(new TextEncoder().encode(pinned));
    await Deno.writeTextFile(`${root}/scripts/deno.sha256`, `# why\n${sum}  ${NAME}\n`);
    await Deno.writeTextFile(`${root}/package/deno`, served);
    const npm = `#!/bin/sh\necho "$*" >&2\ntar -czf deno.tgz -C ${root} package\necho deno.tgz\n`;
    writeProgram(`${root}/bin/npm`, npm);
    writeProgram(`${root}/bin/node`, "#!/bin/sh\necho linux-x64\n");
    const { code, stderr } = await new Deno.Command("bash", {
      args: [`${root}/.ci/install-deno`, "2.9.6", `${root}/out`],
      env: { PATH: `${root}/bin:${Deno.env.get("PATH")}`, GITHUB_PATH: `${root}/path` },
    }).output();
    const path = await Deno.readTextFile(`${root}/path`).catch(() => "");
    return {
      code,
      stderr: new TextDecoder().decode(stderr),
      files: [...Deno.readDirSync(`${root}/out`)].map(({ name }) => name),
      path: path.replace(root, "~"),
    };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const ASKED = "pack --silent --ignore-scripts @deno/linux-x64-glibc@2.9.6\n";

Deno.test("install-deno installs the Deno that the table names", linux, async () => {
  assert.deepEqual(await install("the program", "the program"), {
    code: 0,
    stderr: ASKED,
    files: ["deno"],
    path: "~/out\n",
  });
});

Deno.test(
  "install-deno leaves nothing of another Deno, and runs nothing of it",
  linux,
  async () => {
    const { stderr, ...rest } = await install("the program", "#!/bin/sh\necho ran >&2\n");
    assert.deepEqual(rest, { code: 1, files: [], path: "" });
    assert.match(
      stderr.replace(ASKED, ""),
      /^error: The SHA-256 of "deno-2\.9\.6-x86_64-unknown-linux-gnu" is [0-9a-f]{64}, not [0-9a-f]{64} as scripts\/deno\.sha256 says\n$/,
    );
  },
);
