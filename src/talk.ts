import type { Host } from "./host.ts";

/**
 * What the program says, by way of `run()` only: all but an answer goes to standard error.
 *
 * Texts are whole sentences without a full stop, but for answers of aws-vault 7, which scripts read.
 * They never hold a secret or a token, and no sign-in URL but one that a person has to open now.
 */
export interface Talk {
  /** What was done, without a prefix, on standard output, where scripts of aws-vault 7 read it. */
  answer(text: string): void;
  /** What was done, without a prefix: `Imported key AKIA…`. */
  say(text: string): void;
  /** Something the person should know, once: `note: …`. */
  note(text: string): void;
  /** As `note`, of what differs from the request: shown also where notes are kept back. */
  insist(text: string): void;
  /** Something that is probably wrong: `warning: …`. */
  warn(text: string): void;
  /** What to do, at the side of a success: `hint: …`. */
  hint(text: string): void;
  /** Shown under `--debug` only; the text is made only then. */
  debug(text: () => string): void;
}

/** The world of one invocation: a host, and somebody to talk to. */
export type TalkingHost = Host & { readonly talk: Talk };

const said = new WeakMap<Talk, Set<string>>();

/** Warns, but not of the same thing again in one invocation; texts about one thing can differ. */
export function warnOnce(talk: Talk, text: string, about = text): void {
  if (isNew(talk, about)) talk.warn(text);
}

/** Notes something, once in one invocation. */
export function noteOnce(talk: Talk, text: string): void {
  if (isNew(talk, text)) talk.note(text);
}

function isNew(talk: Talk, about: string): boolean {
  const before = said.get(talk) ?? new Set();
  if (before.has(about)) return false;
  said.set(talk, before.add(about));
  return true;
}
