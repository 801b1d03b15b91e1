/** The result of the keys so far: still typing, a whole line, Ctrl-C or Ctrl-D, or Ctrl-\. */
export type LineState = "typing" | "done" | "interrupted" | "quit" | "suspended";

// A complete escape sequence (arrow keys, the markers around pasted text), and the start of one.
// deno-lint-ignore no-control-regex -- the escape character is what these look for
const SEQUENCE = /^\u001b(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])/u;
// deno-lint-ignore no-control-regex -- the escape character is what these look for
const SEQUENCE_START = /^\u001b(?:\[[0-?]*[ -/]*|O)?$/u;

/**
 * One line typed at a terminal in raw mode: a state machine, keys in, echo out.
 *
 * Handles Backspace, Ctrl-U, Ctrl-W, Enter, Ctrl-C, Ctrl-D and Ctrl-\; ignores arrow and function keys. A line
 * has at most 4096 characters, so that a stuck key or a pasted file does no harm.
 */
export class LineEditor {
  readonly #hidden: boolean;
  #pending = "";
  #characters: string[] = [];
  state: LineState = "typing";

  constructor(options: { hidden: boolean }) {
    this.#hidden = options.hidden;
  }

  get line(): string {
    return this.#characters.join("");
  }

  /** Resumes after a suspension, and returns what the line showed before it. */
  resume(): string {
    this.state = "typing";
    return this.#hidden ? "" : this.line;
  }

  /**
   * Takes typed text, and returns what to show and the rest of the input after the line end, which in
   * text pasted from Windows is CR LF.
   */
  feed(text: string): { echo: string; rest: string } {
    let input = this.#pending + text;
    this.#pending = "";
    let echo = "";
    let unit = "";
    while (input !== "" && this.state === "typing") {
      if (SEQUENCE_START.test(input)) {
        this.#pending = input;
        return { echo, rest: "" };
      }
      unit = SEQUENCE.exec(input)?.[0] ?? String.fromCodePoint(input.codePointAt(0)!);
      input = input.slice(unit.length);
      echo += this.#key(unit);
    }
    if (unit === "\r" && input.startsWith("\n")) input = input.slice(1);
    return { echo: this.#hidden ? echo.replace(/[^\n]/gsu, "") : echo, rest: input };
  }

  #key(key: string): string {
    switch (key) {
      case "\r":
      case "\n":
        this.state = "done";
        return "\n";
      case "\u0003":
      case "\u0004":
        this.state = "interrupted";
        return "\n";
      case "\u001c":
        this.state = "quit";
        return "";
      case "\u001a":
        this.state = "suspended";
        return "";
      case "\u007f":
      case "\b":
        return this.#erase(1);
      case "\u0015":
        return this.#erase(this.#characters.length);
      case "\u0017":
        return this.#erase(/\S*\s*$/u.exec(this.line)![0].length);
      default:
        return this.#insert(key);
    }
  }

  #insert(key: string): string {
    if (/^\p{Cc}/u.test(key) || this.#characters.length >= 4096) return "";
    this.#characters.push(key);
    return key;
  }

  /** Erases at least this many UTF-16 units, whole characters only. */
  #erase(count: number): string {
    let echo = "";
    for (let erased = 0; erased < count && this.#characters.length > 0;) {
      const character = this.#characters.pop()!;
      erased += character.length;
      echo += "\b \b".repeat(columnsOf(character));
    }
    return echo;
  }
}

/** How many columns a character takes: none for a combining mark, two for East Asian scripts and emoji. */
function columnsOf(character: string): number {
  if (/^\p{M}$/u.test(character)) return 0;
  const wide = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}]$/u;
  return wide.test(character) ? 2 : 1;
}
