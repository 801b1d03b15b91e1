/**
 * Bash's command line as its completion sees it.
 *
 * Bash hands a completion function words that are still quoted and cut at every `:` and `=`
 * (COMP_WORDBREAKS), and puts what it answers in place of the last such piece, as it is. So the
 * line is taken apart here, where a name with a space or a colon can be distinguished from two.
 */

/** A line up to the cursor. */
export interface BashLine {
  /** Every word without its quotes; the last is the one that is being completed, perhaps empty. */
  readonly words: readonly string[];
  /** The quote that is open at the cursor. */
  readonly quote: "" | "'" | '"';
  /** What of the last word, without quotes, stands before the piece that bash replaces. */
  readonly kept: string;
}

/** Takes a line apart by the rules of quoting; expansions stay as they are written. */
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

/** What bash is to put in place of its piece of the last word, so that the word becomes the value. */
export function quoteForBash({ quote, kept }: BashLine, value: string): string {
  const rest = value.slice(kept.length);
  if (quote === "'") return rest.replaceAll("'", `'\\''`);
  if (quote === '"') return rest.replace(/["\\$`]/g, "\\$&");
  return rest.replace(/[^\w\-.,:=/@%+\u0080-\uffff]/g, "\\$&");
}
