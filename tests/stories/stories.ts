/**
 * Every story beside this file, through the real program. On Windows those that need no shell, and those
 * for its own shells, which run nowhere else. `STORY_UPDATE=1` writes what the commands
 * really did into the stories, for reading before it is committed.
 */

import { requireService, runs } from "../services.ts";
import { runStory } from "./run_story.ts";
import { hasShell, isPlain } from "./shells.ts";
import { parseStory } from "./story.ts";

const FOLDER = new URL("./", import.meta.url);

/** Each has a file of tests of its own (`part_1_test.ts`), since files are what runs side by side. */
const PARTS = [/^[a-e]/, /^[f-l]/, /^[m-q]/, /^[r-z]/];

const terminal = requireService("python3", runs("python3", "--version"), "apt install python3");

/** Registers the stories of a part, counted from 1. */
export function testStories(part: number): void {
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
    .filter((name) => name.endsWith(".txt"));
  const strange = names.filter((name) => !PARTS.some((names) => names.test(name)));
  if (strange.length > 0) throw new Error(`in no part: ${strange.join(", ")}`);
  for (const name of names.filter((name) => PARTS[part - 1]!.test(name))) testStory(name);
}

function testStory(name: string): void {
  const path = new URL(name, FOLDER);
  const text = Deno.readTextFileSync(path);
  const needsTerminal = text.includes("\n$tty ");
  Deno.test({
    name: `story: ${name.replace(/\.txt$/, "").replaceAll("_", " ")}`,
    ignore: !canRun(text) || (needsTerminal && terminal.ignore),
    async fn() {
      const update = Deno.env.get("STORY_UPDATE") === "1";
      const updated = await runStory(text, { update });
      if (update && updated !== text) Deno.writeTextFileSync(path, updated);
    },
  });
}

/** Whether there is a shell that understands the story; without one, whether it needs none. */
function canRun(text: string): boolean {
  const { shell, needsShell, steps } = parseStory(text);
  if (hasShell(shell)) return true;
  if (needsShell || Deno.build.os !== "windows") return false;
  return steps.every((step) =>
    step.kind !== "command" || (step.terminal === undefined && isPlain(step.command))
  );
}
