/**
 * Hints that work as printed: if flags named the keystore, the command of a hint names it too. Without
 * those flags it would store, restore or look somewhere else.
 */

import type { Backend } from "../backend.ts";
import { flagKey } from "../backend_option.ts";
import type { Output } from "../host.ts";
import { wordToType } from "../text.ts";

/** A hint's line with a command of this program, unless it names its keystore or needs none. */
const COMMAND =
  /^hint: (?!.*(?:--backend|--from)).*: aws-vault (?=[a-z])(?!help|completion|version)/gm;

/** An output that adds words to the commands of hints; they are asked for when a hint is written. */
export function withStoreWords(output: Output, storeWords: () => readonly string[]): Output {
  const added = () => storeWords().map((word) => `${wordToType(word)} `).join("");
  return {
    ...output,
    write: (text) => output.write(text.replace(COMMAND, (line) => line + added())),
  };
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
