/** Which commands of stories need no process: nine tenths of what such a command costs is its start. */

import { existsSync } from "node:fs";

/**
 * `serve` starts one; the child of `exec` takes the place of the process; what is unlocked belongs to the
 * login session; `whoami` has a time limit, and time jumps in the test's process; `--mfa-secret` reads
 * standard input.
 */
const NEED_A_PROCESS = new Set(["exec", "lock", "serve", "unlock", "whoami", "--mfa-secret"]);

/**
 * The words of a line of the shell that is the program and plain words, and does the same in the
 * test's process; `undefined` for all others, and always for the binary of `AWS_VAULT_BIN`, with which
 * every line of every story runs in a process of its own (`.ci/run`).
 *
 * A process has a current folder: a word that names a file there needs one.
 */
export function wordsInProcess(shell: string, folder: string): string[] | undefined {
  if (Deno.env.has("AWS_VAULT_BIN")) return undefined;
  const [program, ...words] = shell.split(" ").filter((word) => word !== "");
  if (program !== "aws-vault" || !words.every((word) => PLAIN.test(word))) return undefined;
  const isOf = (word: string) => NEED_A_PROCESS.has(word) || isFile(folder, word);
  return words.some(isOf) ? undefined : words;
}

/** No quotes, no variables, no pipes. */
const PLAIN = /^[\w@%+=:,./-]+$/;

function isFile(folder: string, word: string): boolean {
  const value = word.slice(word.indexOf("=") + 1);
  return existsSync(`${folder}/${value}`);
}
