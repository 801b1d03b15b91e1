import type { Host } from "./host.ts";

/**
 * What the program says, only through `run()`: everything except an answer goes to standard error.
 *
 * Texts are whole sentences without a full stop, except aws-vault 7's answers, which scripts read.
 * They never hold a secret or a token, and no sign-in URL except one that a person has to open now.
 */
export interface Talk {
  /** What was done, without a prefix, on standard output, where scripts for aws-vault 7 read it. */
  answer(text: string): void;
  /** What was done, without a prefix: `Imported key AKIA…`. */
  say(text: string): void;
  /** Something the person should know, once: `note: …`. */
  note(text: string): void;
  /** Like `note`, for what differs from the request: shown even if notes are suppressed. */
  insist(text: string): void;
  /** Something that is probably wrong: `warning: …`. */
  warn(text: string): void;
  /** What to do, alongside a success: `hint: …`. */
  hint(text: string): void;
  /** Shown only with `--debug`; the text is built only then. */
  debug(text: () => string): void;
}

/** The world of one invocation: a host, and a way to talk to the person. */
export type TalkingHost = Host & { readonly talk: Talk };

const said = new WeakMap<Talk, Set<string>>();

/** Warns once per invocation about a thing; texts about one thing can differ. */
export function warnOnce(talk: Talk, text: string, about = text): void {
  if (isNew(talk, about)) talk.warn(text);
}

/** Notes something, once per invocation. */
export function noteOnce(talk: Talk, text: string): void {
  if (isNew(talk, text)) talk.note(text);
}

function isNew(talk: Talk, about: string): boolean {
  const before = said.get(talk) ?? new Set();
  if (before.has(about)) return false;
  said.set(talk, before.add(about));
  return true;
}
