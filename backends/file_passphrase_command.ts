import { VaultError } from "../src/errors.ts";
import type { Platform } from "../src/host.ts";

/**
 * Splits a command line into words as a POSIX shell does (quotes and backslashes, nothing else), for
 * running it without a shell: what a shell would expand or redirect stays as it stands.
 *
 * On Windows a backslash is a letter like any other, since paths are full of them. An open quote, or
 * a backslash at the end, throws `bad-usage`.
 */
export function splitCommand(line: string, os: Platform["os"]): string[] {
  const token = os === "windows"
    ? /([^\s'"]+)|'([^']*)'|"([^"]*)"|(\s+)/y
    : /([^\s'"\\]+)|'([^']*)'|"((?:[^"\\]|\\[^])*)"|(\s+)|\\([^])/y;
  const words: string[] = [];
  let word: string | undefined;
  while (token.lastIndex < line.length) {
    const match = token.exec(line);
    if (!match) {
      throw new VaultError(
        "bad-usage",
        "The command has a quote that is not closed, or ends with a backslash",
      );
    }
    const [, plain, single, double, space, escaped] = match;
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + (plain ?? single ?? escaped ?? unescapeDouble(double ?? "", os));
    }
  }
  return word === undefined ? words : [...words, word];
}

/** Between double quotes a backslash stands for itself but before `$`, a backtick, `"`, itself and a line end. */
function unescapeDouble(text: string, os: Platform["os"]): string {
  if (os === "windows") return text;
  return text.replace(/\\([$`"\\\n])/g, (_, character) => character === "\n" ? "" : character);
}
