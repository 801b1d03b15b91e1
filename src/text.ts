// deno-lint-ignore no-control-regex -- control characters are what this looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes text that others wrote (AWS, files, programs) harmless on a terminal, on one line.
 *
 * Escape sequences in an error message could rewrite what the person sees, retitle the window or
 * paste into the shell; bidirectional overrides could reorder it.
 */
export function escapeControls(text: string): string {
  return text.replace(CONTROL, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    if (character === "\r") return "\\r";
    return "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0");
  });
}

/** A name in double quotes, safe to print: `"work"`. */
export function quote(name: string): string {
  return `"${escapeControls(name)}"`;
}

/** `1 role`, `2 roles`: a count with its noun; an irregular plural is given. */
export function counted(count: number, noun: string, plural = noun + "s"): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
