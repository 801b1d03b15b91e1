/**
 * Every story beside this file, through the real program. `STORY_UPDATE=1` writes what the commands
 * really did into the stories, for reading before it is committed.
 */

import { requireService, runs } from "../services.ts";
import { runStory } from "./run_story.ts";

const FOLDER = new URL("./", import.meta.url);

const shell = requireService("a POSIX shell", Deno.build.os !== "windows", "Linux or macOS");
const terminal = requireService("python3", runs("python3", "--version"), "apt install python3");

for (const { name } of [...Deno.readDirSync(FOLDER)].filter(({ name }) => name.endsWith(".txt"))) {
  const path = new URL(name, FOLDER);
  const text = Deno.readTextFileSync(path);
  const needsTerminal = text.includes("\n$tty ");
  Deno.test({
    name: `story: ${name.replace(/\.txt$/, "").replaceAll("_", " ")}`,
    ignore: shell.ignore || (needsTerminal && terminal.ignore),
    async fn() {
      const update = Deno.env.get("STORY_UPDATE") === "1";
      const updated = await runStory(text, { update });
      if (update && updated !== text) Deno.writeTextFileSync(path, updated);
    },
  });
}
