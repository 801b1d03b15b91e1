/** Control and format characters and ends of lines: what is not to be seen, or changes what is. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Whether there is nothing to escape for certain, and every character has one column: nearly all text, the
 * lines of a tree too, and `list` prints 100,000 names.
 */
export function isPlain(text: string): boolean {
  return /^[ -~─-╿]*$/.test(text);
}

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Makes text harmless on a terminal, on one line; text that is escaped already stays as it is, and
 * the lines of a JSON document mean the same.
 *
 * Escape sequences in an error message could rewrite what the person sees, retitle the window, link
 * or paste into the shell; bidirectional overrides could reorder it, and a line break add a line that
 * looks like ours. It is done where text leaves (`src/print.ts`, the terminal, a prompt's window).
 */
export function escapeControls(text: string): string {
  if (isPlain(text)) return text;
  return text.replace(CONTROL, (character) => SHORT[character] ?? escapeUnits(character));
}

function escapeUnits(character: string): string {
  const units = character.split("");
  return units.map((unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0")).join("");
}

/** The beginning of a text that others wrote, where it is too long to be shown. */
export function shorten(text: string, longest = 1000): string {
  const characters = text.length > longest ? [...text] : [];
  return characters.length > longest ? `${characters.slice(0, longest).join("")}…` : text;
}

/** A name in double quotes: `"work"`. */
export function quote(name: string): string {
  return `"${name}"`;
}

/**
 * A word of a POSIX shell; bare where it means itself, so that the usual output is as it always was. zsh takes
 * what comes after an equals sign at the start, or behind a colon, for a program's name (zshexpn: "Filename
 * Expansion").
 */
export function quoteForShell(value: string): string {
  const isPlain = /^[\w+\-=/:.,@%]+$/.test(value) && !/(?:^|:)=/.test(value);
  return isPlain ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

/**
 * A line of this program for the person to type, `aws-vault rotate --resume 'my profile'`: what others
 * named is one word of it, and neither another command nor a flag.
 */
export function commandLine(words: readonly string[], profile?: string): string {
  const last = profile === undefined ? [] : profile.startsWith("-") ? ["--", profile] : [profile];
  return ["aws-vault", ...words, ...last].map(wordToType).join(" ");
}

/**
 * A word as a person types it, in double quotes where it needs some: those mean the same to every shell, cmd
 * and PowerShell among them, as long as nothing in them means something to one. What is escaped where it
 * leaves still means itself in `$'…'`, which bash, zsh and ksh know.
 */
export function wordToType(word: string): string {
  const escaped = escapeControls(word);
  const quoted = quoteForShell(word);
  if (escaped === word) return quoted !== word && EVERYWHERE.test(word) ? `"${word}"` : quoted;
  return `$'${escapeControls(word.replace(/[\\']/g, "\\$&"))}'`;
}

/** Nothing that a shell reads within double quotes; PowerShell takes curly ones for them. */
const EVERYWHERE = /^[^$`"\\!%\u201c-\u201e]+$/;

/**
 * A message as a part of another: without the capital of its first word, where that is not a name.
 *
 * Messages and reasons are whole sentences wherever they come from, and stand behind a colon here.
 */
export function asClause(message: string): string {
  return message.replace(SENTENCE_START, (word) => word.toLowerCase());
}

const SENTENCE_START =
  /^(?:An?|Already|Another|Anyone|Cannot|Could|Error|Failed|It|No|Nobody|Only|The|There|This|What)(?=[ '’])/;

/** `1 role`, `2 roles`: a count with its noun; an irregular plural is given. */
export function counted(count: number, noun: string, plural = noun + "s"): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
