/** The known word that a typed one is meant to be, or `undefined` where none is near enough. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  // One letter in three may be wrong: a silly suggestion is worse than none.
  let most = Math.floor(word.length / 3);
  let found: string | undefined;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > most) continue;
    const distance = distanceOf(word, candidate);
    if (distance > most) continue;
    found = candidate;
    most = distance - 1;
  }
  return found;
}

/** How many letters must be changed, added, left out or swapped with the next (optimal string alignment). */
function distanceOf(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = last[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swap = isSwap ? before[j - 2]! + 1 : Infinity;
      row.push(Math.min(change, last[j]! + 1, row[j - 1]! + 1, swap));
    }
    [before, last] = [last, row];
  }
  return last[to.length]!;
}
