/** A list to pick from by typing; pure, drawn by `Terminal.interact`. */

import { cutToWidth, displayWidth } from "../display_width.ts";
import type { Dialog, TerminalSize } from "../terminal.ts";
import { escapeControls } from "../text.ts";

/** An item that can be picked. */
export interface PickerItem {
  readonly name: string;
  /** How often it was picked before; the most used come first. */
  readonly uses: number;
  /** The text beside the name; computed only if it is visible. */
  readonly describe: () => string;
}

/** The most rows of the terminal to use, besides the input line. */
const MOST_ROWS = 15;

/** A picker for these items; its result is a name, or `undefined` if the person gave up. */
export function makePicker(
  items: readonly PickerItem[],
  question = "Profile: ",
): Dialog<string | undefined> {
  const candidates = items.map((item, place) => ({ item, place, lower: item.name.toLowerCase() }));
  let query = "";
  let found = rank(candidates, query);
  let at = 0;
  let page = MOST_ROWS;
  const search = (next: string) => {
    query = next;
    found = rank(candidates, query);
    at = 0;
  };
  const move = (to: number) => void (at = Math.max(0, Math.min(to, found.length - 1)));
  const moves: Readonly<Record<string, () => void>> = {
    up: () => move(at - 1),
    down: () => move(at + 1),
    pageup: () => move(at - page),
    pagedown: () => move(at + page),
    home: () => move(0),
    end: () => move(found.length - 1),
    backspace: () => search([...query].slice(0, -1).join("")),
    "ctrl-u": () => search(""),
  };
  return {
    render(size) {
      page = Math.max(1, Math.min(MOST_ROWS, size.rows - 2));
      const first = Math.max(0, Math.min(at - Math.floor(page / 2), found.length - page));
      const shown = found.slice(first, first + page).map(({ item }) => item);
      return [
        cutToWidth(`${question}${query} (${found.length} of ${items.length})`, size.columns - 1),
        ...renderItems(shown, at - first, size),
      ];
    },
    onKey(key) {
      const picked = found[at];
      if (key === "enter") return picked && { result: picked.item.name };
      if (key === "escape") return { result: undefined };
      if (Object.hasOwn(moves, key)) moves[key]!();
      else if ([...key].length === 1) search(query + key);
      return undefined;
    },
  };
}

function renderItems(
  items: readonly PickerItem[],
  selected: number,
  { columns }: TerminalSize,
): string[] {
  const names = items.map(({ name }) => escapeControls(name));
  const width = Math.min(Math.max(0, ...names.map(displayWidth)), Math.floor(columns / 2));
  return items.map((item, i) => {
    const name = cutToWidth(names[i]!, Math.max(width, columns - 20));
    const gap = " ".repeat(Math.max(0, width - displayWidth(name)));
    const line = `${i === selected ? ">" : " "} ${name}${gap}  ${escapeControls(item.describe())}`;
    return cutToWidth(line.trimEnd(), columns - 1);
  });
}

interface Candidate {
  readonly item: PickerItem;
  readonly place: number;
  readonly lower: string;
}

/** The items that match every word, best match first, then most used, then by position. */
function rank(candidates: readonly Candidate[], query: string): readonly Candidate[] {
  const words = query.toLowerCase().split(" ").filter((word) => word !== "");
  const scored: (readonly [score: number, candidate: Candidate])[] = [];
  for (const candidate of candidates) {
    const score = scoreOf(candidate.lower, words);
    if (score !== undefined) scored.push([score, candidate]);
  }
  return scored.sort(([a, x], [b, y]) => a - b || y.item.uses - x.item.uses || x.place - y.place)
    .map(([, candidate]) => candidate);
}

/** A match's score: 0 for the exact name, more for weaker matches; `undefined` if a word does not match. */
function scoreOf(name: string, words: readonly string[]): number | undefined {
  let score = 0;
  for (const word of words) {
    const at = name.indexOf(word);
    if (at >= 0) score += name === word ? 0 : at === 0 ? 1 : 2;
    else if (isSpread(name, word)) score += 4;
    else return undefined;
  }
  return score;
}

/** Whether the name contains the word's characters in order, with others between them. */
function isSpread(name: string, word: string): boolean {
  let at = 0;
  for (const character of word) {
    at = name.indexOf(character, at) + character.length;
    if (at < character.length) return false;
  }
  return true;
}
