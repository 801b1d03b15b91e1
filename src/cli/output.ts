import { AwsError, VaultError } from "../errors.ts";
import type { Output } from "../host.ts";
import { printLines } from "../print.ts";
import type { Talk } from "../talk.ts";

/** Prints to the person on a stream, one line per text; answers go to `stdout`. */
export function talkTo(stderr: Output, isDebug: boolean, stdout = stderr): Talk {
  const line = (prefix: string) => (text: string) => printLines(stderr, [prefix + text]);
  return {
    answer: (text) => printLines(stdout, [text]),
    say: line(""),
    note: line("note: "),
    insist: line("note: "),
    warn: line("warning: "),
    hint: line("hint: "),
    debug: (text) => {
      if (isDebug) line("debug: ")(text());
    },
  };
}

/**
 * Holds notes and hints back if standard error is not a terminal, and gives a function that shows them: a
 * script that captures standard error must find nothing there after a success, and all of it after a failure.
 */
export function quietTalk(talk: Talk, stderr: Output): { talk: Talk; show: () => void } {
  if (stderr.isTerminal()) return { talk, show: () => {} };
  const kept: (() => void)[] = [];
  // A hint after a warning belongs to it.
  let isWarning = false;
  const keep = (speak: (text: string) => void, text: string) => {
    isWarning = false;
    kept.push(() => speak(text));
  };
  return {
    talk: {
      ...talk,
      note: (text) => keep(talk.note, text),
      hint: (text) => isWarning ? talk.hint(text) : keep(talk.hint, text),
      warn(text) {
        isWarning = true;
        talk.warn(text);
      },
    },
    show: () => kept.splice(0).forEach((speak) => speak()),
  };
}

/** Prints the error of a command, and gives its exit code. */
export function reportFailure(error: unknown, stderr: Output, isDebug: boolean): number {
  printLines(stderr, describeError(error, isDebug));
  return error instanceof VaultError ? error.exitCode : 1;
}

/**
 * `error: …` and its `hint: …` lines; an unexpected failure is reported as a bug, with its stack
 * if `--debug` is given.
 */
export function describeError(error: unknown, isDebug: boolean): string[] {
  if (!(error instanceof VaultError)) return describeDefect(error);
  const cause = isDebug && error.cause !== undefined
    ? [`debug: caused by ${describeCause(error)}`]
    : [];
  return [`error: ${error.message}`, ...error.hints.map((hint) => `hint: ${hint}`), ...cause];
}

/** Shows only the names of causes: their messages may quote others' text, including secrets. */
function describeCause(error: VaultError): string {
  const cause = error.cause;
  if (error instanceof AwsError) return error.awsCode;
  return cause instanceof Error ? `${cause.name}` : typeof cause;
}

/** Does not show the message: an unexpected error may quote anything, such as invalid JSON. */
function describeDefect(error: unknown): string[] {
  const name = error instanceof Error ? error.name : typeof error;
  const stack = error instanceof Error ? error.stack ?? "" : "";
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line)).slice(0, 8);
  return [`error: This is a bug in aws-vault, please report it: ${name}`, ...frames];
}
