import { AwsError, VaultError } from "../errors.ts";
import type { Output } from "../host.ts";
import { printLines } from "../print.ts";
import type { Talk } from "../talk.ts";

/** Speaks to the person on a stream, one line for each text; answers go to `stdout`. */
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
 * Keeps notes and hints back where standard error is not a terminal, and gives what shows them: a script
 * that captures it must find nothing there after a success, and all of it after a failure.
 */
export function quietTalk(talk: Talk, stderr: Output): { talk: Talk; show: () => void } {
  if (stderr.isTerminal()) return { talk, show: () => {} };
  const kept: (() => void)[] = [];
  // A hint below a warning belongs to it.
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

/** Prints what a command threw, and gives the exit code for it. */
export function reportFailure(error: unknown, stderr: Output, isDebug: boolean): number {
  printLines(stderr, describeError(error, isDebug));
  return error instanceof VaultError ? error.exitCode : 1;
}

/**
 * `error: …` and its `hint: …` lines; an unexpected failure is reported as a bug, with its stack
 * under `--debug`.
 */
export function describeError(error: unknown, isDebug: boolean): string[] {
  if (!(error instanceof VaultError)) return describeDefect(error);
  const cause = isDebug && error.cause !== undefined
    ? [`debug: caused by ${describeCause(error)}`]
    : [];
  return [`error: ${error.message}`, ...error.hints.map((hint) => `hint: ${hint}`), ...cause];
}

/** Only names of causes are shown: their messages may quote what others wrote, secrets included. */
function describeCause(error: VaultError): string {
  const cause = error.cause;
  if (error instanceof AwsError) return error.awsCode;
  return cause instanceof Error ? `${cause.name}` : typeof cause;
}

/** The message is not shown: an unexpected one may quote anything, such as the JSON that was not valid. */
function describeDefect(error: unknown): string[] {
  const name = error instanceof Error ? error.name : typeof error;
  const stack = error instanceof Error ? error.stack ?? "" : "";
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line)).slice(0, 8);
  return [`error: This is a bug in aws-vault, please report it: ${name}`, ...frames];
}
