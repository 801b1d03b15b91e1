const REDACTED = "[redacted]";

/**
 * A string that does not print itself.
 *
 * Everything that puts a value into a log by accident (template strings, `JSON.stringify`,
 * `console.log`, an uncaught error's details) gives `[redacted]`. {@linkcode Secret.reveal} is the
 * only way to the text, so a search for it finds every place where a secret leaves the program.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The secret in plain text, for the one call that needs it. */
  reveal(): string {
    return this.#text;
  }

  /** Whether the text is empty. */
  get isEmpty(): boolean {
    return this.#text === "";
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}
