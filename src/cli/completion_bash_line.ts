/**
 * Bash's command line as its completion sees it.
 *
 * Bash passes words to a completion function still quoted and split at every `:` and `=`
 * (COMP_WORDBREAKS), and replaces the last such piece with the answer, unchanged. So this parses
 * the line itself, to distinguish one name with a space or a colon from two names.
 */

/** A line up to the cursor. */
export interface BashLine {
  /** Every word without its quotes; the last is being completed, and may be empty. */
  readonly words: readonly string[];
  /** The quote that is open at the cursor. */
  readonly quote: "" | "'" | '"';
  /** The unquoted start of the last word, up to the piece that bash replaces. */
  readonly kept: string;
}

/** Parses a line by the rules of quoting; expansions stay as written. */
export function parseBashLine(line: string, wordBreaks: string): BashLine {
  const words: string[] = [];
  let word: string | undefined;
  let kept = "";
  let quote: BashLine["quote"] = "";
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (quote !== "" && character === quote) {
      quote = "";
    } else if (character === "\\" && quote !== "'") {
      const next = line[++i] ?? "";
      const isPlain = quote === '"' && !'"\\$`'.includes(next);
      word = (word ?? "") + (isPlain ? "\\" : "") + next;
    } else if (quote !== "") {
      word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      kept = word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      kept = "";
    } else {
      word = (word ?? "") + character;
      if (wordBreaks.includes(character)) kept = word;
    }
  }
  return { words: [...words, word ?? ""], quote, kept };
}

/** The text with which bash must replace its piece, so that the whole last word becomes the value. */
export function quoteForBash({ quote, kept }: BashLine, value: string): string {
  const rest = value.slice(kept.length);
  if (quote === "'") return rest.replaceAll("'", `'\\''`);
  if (quote === '"') return rest.replace(/["\\$`]/g, "\\$&");
  return rest.replace(/[^\w\-.,:=/@%+\u0080-\uffff]/g, "\\$&");
}
