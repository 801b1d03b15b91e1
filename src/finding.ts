/** What `doctor` finds: one thing that is wrong or worth knowing, and what to do about it. */

/** `error` and `warning`: something does not work, or is a danger. `note`: worth knowing. */
export type Severity = "error" | "warning" | "note";

/** One thing that was found. */
export interface Finding {
  /** Names the kind of finding for scripts, and stays the same from version to version. */
  readonly id: string;
  readonly severity: Severity;
  /** What it is about: a profile, a file, a variable, a back end. */
  readonly subject: string;
  /** The finding, a sentence without a full stop. */
  readonly message: string;
  /** What the person can do about it, a sentence or a command. */
  readonly todo: string;
  /** What `doctor --fix` does about it, if that is safe. */
  readonly fix?: Fix | undefined;
}

/** A safe fix: it removes nothing that somebody may need. */
export interface Fix {
  /** Completes the sentence `Fix: …`. */
  readonly what: string;
  act(): void | Promise<void>;
}
