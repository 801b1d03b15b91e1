/**
 * Control and format characters and line ends: they are invisible, or change what is visible. The
 * expression is made on first use: reading the tables of Unicode takes a hundredth of the time of a cached
 * call (measured).
 */
const control = () => madeControl ??= /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
let madeControl: RegExp | undefined;

/**
 * Whether certainly nothing needs escaping and every character has one column. That holds for nearly all
 * text, the lines of a tree included, and `list` prints 100,000 names.
 */
export function isPlain(text: string): boolean {
  return /^[ -~─-╿]*$/.test(text);
}

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Makes text harmless on a terminal, as one line. Escaped text stays as it is, and a JSON document's
 * lines keep their meaning.
 *
 * Escape sequences in an error message could rewrite what the person sees, retitle the window, link
 * or paste into the shell; bidirectional overrides could reorder it, and a line break add a line that
 * looks like ours. Text is escaped where it leaves (`src/print.ts`, the terminal, a prompt's window).
 */
export function escapeControls(text: string): string {
  if (isPlain(text)) return text;
  return text.replace(control(), (character) => SHORT[character] ?? escapeUnits(character));
}

function escapeUnits(character: string): string {
  const units = character.split("");
  return units.map((unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0")).join("");
}

/** Shortens a text that others wrote, if it is too long to show. */
export function shorten(text: string, longest = 1000): string {
  const characters = text.length > longest ? [...text] : [];
  return characters.length > longest ? `${characters.slice(0, longest).join("")}…` : text;
}

/** A name in double quotes: `"work"`. */
export function quote(name: string): string {
  return `"${name}"`;
}

/**
 * Quotes a word for a POSIX shell; left bare if it is literal, so that the usual output never changed. zsh
 * takes what follows an equals sign, at the start or after a colon, for a program's name (zshexpn: "Filename
 * Expansion").
 */
export function quoteForShell(value: string): string {
  const isPlain = /^[\w+\-=/:.,@%]+$/.test(value) && !/(?:^|:)=/.test(value);
  return isPlain ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

/**
 * A command line for the person to type, `aws-vault rotate --resume 'my profile'`. A name that others
 * chose is one word of it, never another command or a flag.
 */
export function commandLine(words: readonly string[], profile?: string): string {
  const last = profile === undefined ? [] : profile.startsWith("-") ? ["--", profile] : [profile];
  return ["aws-vault", ...words, ...last].map(wordToType).join(" ");
}

/**
 * A word as a person types it, in double quotes if needed: every shell, cmd and PowerShell included, reads
 * them alike as long as they contain nothing special. Text that is escaped on output is put in `$'…'`,
 * where bash, zsh and ksh read the escapes.
 */
export function wordToType(word: string): string {
  const escaped = escapeControls(word);
  const quoted = quoteForShell(word);
  if (escaped === word) return quoted !== word && EVERYWHERE.test(word) ? `"${word}"` : quoted;
  return `$'${escapeControls(word.replace(/[\\']/g, "\\$&"))}'`;
}

/** Nothing that is special to a shell within double quotes; PowerShell also takes curly quotes as quotes. */
const EVERYWHERE = /^[^$`"\\!%\u201c-\u201e]+$/;

/**
 * A message as part of another: its first word loses the capital, unless it is a name.
 *
 * Messages and reasons are whole sentences wherever they come from, and follow a colon here.
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

/** What people call a system. */
export function systemName(os: "linux" | "darwin" | "windows"): string {
  return { linux: "Linux", darwin: "macOS", windows: "Windows" }[os];
}
