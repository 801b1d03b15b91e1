/** A back end is one file and one row: everything else of the program comes of its declaration. */

import assert from "node:assert/strict";
import { flagKey } from "../../src/backend_option.ts";
import { longName } from "../../src/cli/flags.ts";
import { ownFiles, ownVariables } from "../../src/cli/manual_environment.ts";
import { describeProgram } from "../../src/cli/manual_program.ts";
import { renderManualPage } from "../../src/cli/manual_page.ts";
import { testKeyringContract } from "../contract/keyring_contract.ts";
import { ROW_OPENER } from "../contract/row_opener.ts";
import { World } from "../crash/world.ts";
import { launch } from "../process/launch.ts";
import { BACKENDS } from "./added_backend.ts";

const PIN = "not-a-child's-business";

testKeyringContract("notebook", {
  opener: ROW_OPENER,
  // Temporary file, its two halves, its sync, its mode, the rename.
  fewestSteps: 5,
  makeStore() {
    const folder = Deno.makeTempDirSync({ prefix: "notebook-test-" });
    const table = new URL("added_backend.ts", import.meta.url).href;
    const flags = { notebookFolder: `${folder}/pages` };
    return {
      config: { backend: "notebook", table, flags, env: { NOTEBOOK_PIN: PIN } },
      [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
    };
  },
});

/** Lines of an answer or a help that speak of the new back end. */
const about = (text: string) => text.split("\n").filter((line) => /notebook/i.test(line));

async function openWorld(): Promise<World> {
  const world = await World.open();
  world.backends = BACKENDS;
  world.env["AWS_VAULT_BACKEND"] = "notebook";
  world.env["AWS_VAULT_NOTEBOOK_FOLDER"] = `${world.path}/pages`;
  world.env["NOTEBOOK_PIN"] = PIN;
  world.env["PATH"] = Deno.env.get("PATH") ?? "";
  return world;
}

Deno.test({
  name:
    "a back end of one row keeps keys, and its flag, variable and name go before those of others",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using world = await openWorld();
    await world.as("old").succeed("add", "--env", "work");
    await world.as("new").succeed("add", "--env", `--notebook-folder=${world.path}/other`, "work");
    const id = (user: string) => world.aws.user(user).key.id;
    assert.equal(await world.storedKeyId(), id("old"));
    assert.equal(await world.storedKeyId("--notebook-folder", `${world.path}/other`), id("new"));
    assert.equal(await world.sessionUser(), "old");
    assert.equal((await world.succeed("list", "--credentials")).stdout, "work\n");
    assert.match(
      (await world.succeed("explain", "work")).stdout,
      /^Profile "work" starts with the key stored for profile "work"\n/,
    );
    await world.succeed("--notebook-folder", `${world.path}/other`, "remove", "-f", "work");
    assert.equal(await world.storedKeyId("--notebook-folder", `${world.path}/other`), undefined);
    assert.equal(await world.storedKeyId(), id("old"));
  },
});

Deno.test({
  name: "the child of exec inherits no secret that a back end declares",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using world = await openWorld();
    await world.as("old").succeed("add", "--env", "work");
    const program = new URL("added_backend.ts", import.meta.url).pathname;
    const start = [Deno.execPath(), "run", "-A", "-q", "--no-prompt", "--no-check", program];
    const { code, stdout, stderr } = await launch(["exec", "work", "--", "env"], world.env, start)
      .finished;
    assert.deepEqual([code, stderr], [0, ""]);
    const names = stdout.split("\n").map((line) => line.split("=")[0]!);
    assert.deepEqual(
      names.filter((name) => /NOTEBOOK|AWS_VAULT$/.test(name)).sort(),
      ["AWS_VAULT", "AWS_VAULT_NOTEBOOK_FOLDER"],
    );
  },
});

Deno.test("a back end of one row is in messages, help, manual and completion", async () => {
  await using world = await openWorld();
  const flag = "Folder of the notebook (default /notebook) [AWS_VAULT_NOTEBOOK_FOLDER]";
  const { stdout } = await world.succeed("help", "flags");
  assert(stdout.replaceAll(/\s+/g, " ").includes(` --notebook-folder <folder> ${flag} `), stdout);
  const complete = async (...words: string[]) =>
    (await world.succeed("--complete", "fish", ...words)).stdout;
  assert.equal(await complete("list", "--backend", "note"), "values\nnotebook\n");
  assert.equal(await complete("migrate-backend", "--to=note"), "values\n--to=notebook\n");
  assert.equal(await complete("list", "--noteb"), `values\n--notebook-folder\t${flag}\n`);
  assert.equal(await complete("list", "--notebook-folder", ""), "folders\n");

  const { code, stderr } = await world.run("list", "--backend=notes");
  assert.equal(code, 2);
  assert.deepEqual(about(stderr), ["hint: notebook can be used: --backend=notebook"]);
});

Deno.test("a back end of one row is in the manual page, with the variables that have no flag", () => {
  const variables = ownVariables(BACKENDS);
  assert.deepEqual(variables.filter(([name]) => name.includes("NOTEBOOK")), [
    ["AWS_VAULT_NOTEBOOK_FOLDER", "As --notebook-folder"],
    ["NOTEBOOK_PIN", "What opens the notebook"],
    ["AWS_VAULT_NOTEBOOK_PAGES", "Its number of pages"],
  ]);
  const files = ownFiles(BACKENDS);
  assert.deepEqual(
    files.filter(([, meaning]) => meaning.includes("store") || /note/.test(meaning)),
    [
      ["~/.awsvault/keys/", "Folder of the file store, the back end file"],
      ["/notebook/", "Folder of the notebook, the back end notebook"],
      ["~/.awsvault/state/sessions.db", "Cached credentials, encrypted by a key in the keystore"],
    ],
  );
  const page = renderManualPage({ ...describeProgram(BACKENDS), version: "1", variables, files });
  const terms = page.split("\n").filter((line) => /^\\fB.*notebook/i.test(line));
  assert.deepEqual(terms, [
    "\\fB\\-\\-notebook\\-folder <folder>\\fR",
    "\\fBnotebook\\fR",
    "\\fBAWS_VAULT_NOTEBOOK_FOLDER\\fR",
    "\\fBNOTEBOOK_PIN\\fR",
    "\\fBAWS_VAULT_NOTEBOOK_PAGES\\fR",
    "\\fB/notebook/\\fR",
  ]);
});

Deno.test("the options of the table do not get in each other's way", () => {
  const seen = new Map<string, unknown>();
  const commands = describeProgram([]).commands;
  const taken = new Set(commands.flatMap(({ flags }) => flags.map(({ name }) => name)));
  for (const { name, options } of BACKENDS) {
    for (const option of Object.values(options)) {
      if (option.flag !== undefined) assert.equal(longName(flagKey(option.flag)), option.flag);
      for (const word of [option.flag, option.variable].filter((word) => word !== undefined)) {
        // Shared by two rows only where it is one declaration.
        assert.equal(seen.get(word) ?? option, option, `${word} of ${name}`);
        assert(!taken.has(word), `${word} of ${name} is a flag of a command`);
        seen.set(word, option);
      }
    }
  }
});
