/** What somebody who typed an unknown name may have meant. */

const MOST_PROPOSED = 3;

/**
 * The known names that are a slip away from the typed one, nearest first, at most three.
 *
 * A slip is a letter added, missing or wrong, or two letters swapped. One slip is allowed for every three
 * letters, two at most, so that a short name does not match any other short name: no proposal is better
 * than a silly one. The beginning that flags share (`--no-`) counts as one letter. Case is ignored.
 */
export function nearNames(typed: string, known: Iterable<string>): string[] {
  const letters = typed.replace(/^--(?:no-)?/, "-").length;
  const most = Math.min(2, Math.floor((letters + 1) / 3));
  const wanted = typed.toLowerCase();
  const near: { name: string; slips: number }[] = [];
  for (const name of new Set(known)) {
    if (name === typed || Math.abs(name.length - typed.length) > most) continue;
    const slips = countSlips(wanted, name.toLowerCase());
    if (slips <= most) near.push({ name, slips });
  }
  near.sort((a, b) => a.slips - b.slips || (a.name < b.name ? -1 : 1));
  return near.slice(0, MOST_PROPOSED).map(({ name }) => name);
}

/** `Did you mean exec or export?`, if there is a near name; `write` formats a name. */
export function hintsOfNear(
  typed: string,
  known: Iterable<string>,
  write = (name: string) => name,
): string[] {
  const near = nearNames(typed, known).map(write);
  return near.length === 0 ? [] : [`Did you mean ${near.join(" or ")}?`];
}

/** The Damerau-Levenshtein distance, in which two adjacent letters are swapped at most once. */
function countSlips(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isExchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(
        last[j]! + 1,
        row[j - 1]! + 1,
        last[j - 1]! + (isSame ? 0 : 1),
        isExchanged ? before[j - 2]! + 1 : Infinity,
      ));
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
