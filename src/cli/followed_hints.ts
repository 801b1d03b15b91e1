/**
 * Commands to type that work as printed: if flags named the keystore, they name it too. Without those
 * flags they would store, restore or look somewhere else.
 *
 * The flags are added to the finished text: those who write hints (back ends, the reading of the
 * config file, AWS's answers) know nothing of the command line.
 */

import type { Backend } from "../backend.ts";
import { flagKey } from "../backend_option.ts";
import type { Output } from "../host.ts";
import { wordToType } from "../text.ts";
import { COMMAND_GROUPS, findCommand } from "./commands_table.ts";

/** Lines to a person that have commands to type. */
const LINE = /^(?:hint|note|warning): .*$/gm;
/** What may be a command of this program, with its name. */
const COMMAND = /\baws-vault (?=([a-z][a-z-]*))/g;
/** They concern no keystore, or name their own. */
const WITHOUT_STORE: ReadonlySet<string> = new Set(["help", "completion", "migrate-backend"]);

/** Adds words to each command of a text, unless it names its keystore or needs none. */
export function addStoreWords(text: string, storeWords: readonly string[]): string {
  if (text.includes("--backend")) return text;
  const added = storeWords.map((word) => `${wordToType(word)} `).join("");
  const isOfStore = (name: string) =>
    (findCommand(name) !== undefined || COMMAND_GROUPS.has(name)) && !WITHOUT_STORE.has(name);
  return text.replace(COMMAND, (found, name) => isOfStore(name) ? found + added : found);
}

/** An output that adds words to the commands of hints; they are asked for when a hint is written. */
export function withStoreWords(output: Output, storeWords: () => readonly string[]): Output {
  const add = (line: string) => addStoreWords(line, storeWords());
  return { ...output, write: (text) => output.write(text.replace(LINE, add)) };
}

/** The words of a line that name its keystore: `--backend=file`, `--file-dir=keys`. */
export function storeWordsOf(inputs: readonly string[], backends: readonly Backend[]): string[] {
  const places = backends.flatMap(({ options }) => Object.values(options))
    .flatMap((option) =>
      option.flag !== undefined && option.namesPlace ? [flagKey(option.flag)] : []
    );
  const keys = new Set(["backend", ...places]);
  return inputs.flatMap((word, index) => {
    const [flag = "", value = inputs[index + 1] ?? ""] = splitOnce(word);
    if (!flag.startsWith("--") || !keys.has(flagKey(flag)) || value === "") return [];
    return [`${flag}=${value}`];
  });
}

function splitOnce(word: string): string[] {
  const at = word.indexOf("=");
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}
