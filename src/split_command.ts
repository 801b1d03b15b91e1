import type { Platform } from "./host.ts";

/**
 * An incomplete command line: a quotation or an escape is not closed.
 */
export class UnfinishedCommand extends Error {
  override readonly name = "UnfinishedCommand";
}

/**
 * Splits a helper's command line into words as a shell does, but without a shell.
 *
 * No variables, globs, pipes or substitution: a profile's line runs one program. The rules are
 * those of the SDK for Python, so that both read a line the same way: Python's `shlex.split` and,
 * on Windows, the C runtime's (docs/formats.md, "credential_process"). Throws
 * {@linkcode UnfinishedCommand}.
 */
export function splitCommand(line: string, os: Platform["os"]): string[] {
  return os === "windows" ? splitWindows(line) : splitPosix(line);
}

// A run of ordinary characters, an escape, a quotation of either kind, or else an unclosed one.
const POSIX_PART = /[^ \t\r\n\\'"]+|\\([^])|'([^']*)'|"((?:[^"\\]|\\[^])*)"|([\\'"])/gy;

function splitPosix(line: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < line.length;) {
    at += /^[ \t\r\n]*/.exec(line.slice(at))![0].length;
    if (at === line.length) break;
    const { word, end } = posixWord(line, at);
    words.push(word);
    at = end;
  }
  return words;
}

function posixWord(line: string, start: number): { word: string; end: number } {
  let word = "";
  let end = start;
  POSIX_PART.lastIndex = start;
  for (let part = POSIX_PART.exec(line); part; part = POSIX_PART.exec(line)) {
    const [all, escaped, single, double, open] = part;
    if (open === "\\") throw new UnfinishedCommand("there is a backslash at the end");
    if (open !== undefined) throw new UnfinishedCommand(`a quotation mark (${open}) is not closed`);
    word += escaped ?? single ?? double?.replace(/\\([\\"])/g, "$1") ?? all;
    end = POSIX_PART.lastIndex;
  }
  return { word, end };
}

/** Backslashes are literal, but before a quotation mark two make one, and an odd one escapes the mark. */
function splitWindows(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (const [part] of line.matchAll(/\\*"|\\+|[ \t]|[^\\" \t]+/g)) {
    if (part.endsWith('"')) {
      const backslashes = part.length - 1;
      word = (word ?? "") + "\\".repeat(Math.floor(backslashes / 2));
      if (backslashes % 2 === 1) word += '"';
      else quoted = !quoted;
    } else if ((part === " " || part === "\t") && !quoted) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + part;
    }
  }
  if (quoted) throw new UnfinishedCommand('a quotation (") is not closed');
  return word === undefined ? words : [...words, word];
}
