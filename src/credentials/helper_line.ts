/** The kinds of a helper's line: one program with its arguments, or a line for the shell. */

import type { Platform } from "../host.ts";
import { splitCommand } from "../split_command.ts";

/** The program and arguments that run a line. */
export interface HelperStart {
  readonly command: string;
  readonly args: readonly string[];
  /** On Windows: the arguments are passed verbatim, since `cmd.exe` has its own quoting rules. */
  readonly rawArguments?: boolean;
}

/**
 * Whether only a shell can read the line: it has variables, pipes, redirections, globs, a comment
 * or an assignment before the program, or begins with a shell keyword or builtin.
 *
 * Any other line means the same with and without a shell, and is started without one: then the
 * program's own exit code and file are known.
 */
export function isForShell(line: string, os: Platform["os"]): boolean {
  if (os === "windows") return /[%^&|<>!()*?\n]/.test(line) || isShellWord(line, CMD_WORDS);
  return /[$`|&;<>()*?[\]{}~!#\\\n]/.test(line) || /^\s*\w+=/.test(line) ||
    isShellWord(line, POSIX_WORDS);
}

/** First words that are not programs, or that the shell runs itself instead of the program. */
const POSIX_WORDS: ReadonlySet<string> = new Set(
  ". : builtin cd command echo eval exec exit export printf read set source test time trap type ulimit umask unset"
    .split(" "),
);
const CMD_WORDS: ReadonlySet<string> = new Set(
  "call cd chdir cls copy del dir echo for if move path popd pushd ren rem set start type ver"
    .split(
      " ",
    ),
);

function isShellWord(line: string, words: ReadonlySet<string>): boolean {
  return words.has(/^\s*(\S*)/.exec(line)![1]!.toLowerCase());
}

/**
 * How the shell is started for a line: like aws-vault 7 and the SDKs of languages other than
 * Python, with `/bin/sh -c` and `cmd.exe /C`; `/D` disables AutoRun commands of the registry.
 */
export function shellStart(line: string, os: Platform["os"]): HelperStart {
  return os === "windows"
    ? { command: "cmd.exe", args: ["/d", "/s", "/c", `"${line}"`], rawArguments: true }
    : { command: "/bin/sh", args: ["-c", line] };
}

/** A line's words as split without a shell; for an unclosed quotation, the words between white space. */
export function roughWords(line: string, os: Platform["os"]): string[] {
  try {
    return splitCommand(line, os);
  } catch {
    return line.split(/\s+/).filter(Boolean);
  }
}

/** The variables that a line for the shell names, and those that the shell needs for programs and `~`. */
export function variablesOf(line: string, os: Platform["os"]): string[] {
  const pattern = os === "windows" ? /%([^%\s:]+)(?::[^%]*)?%/g : /\$\{?[#!]?([A-Za-z_]\w*)/g;
  const named = [...line.matchAll(pattern)].map(([, name]) => name!);
  return [...new Set(["HOME", "PATH", ...named])].toSorted();
}
