/** Shows the seed of an MFA device to a person: as a QR code, or as text to type. */

import { cutToWidth, displayWidth, wrapToWidth } from "../display_width.ts";
import type { Secret } from "../secret.ts";
import type { Dialog, TerminalSize } from "../terminal.ts";

/** What is shown of a new device. */
export interface SeedToShow {
  readonly serial: string;
  readonly seed: Secret;
  /** The modules of the QR code, row by row; true is dark. */
  readonly modules: readonly (readonly boolean[])[];
}

/** The modules of a QR code without a quiet zone; loads the library on use. */
export async function qrModules(text: Secret): Promise<boolean[][]> {
  const { encode } = await import("uqr");
  return encode(text.reveal(), { ecc: "L", border: 0 }).data;
}

/** The light modules around the code: four by the standard, fewer if the terminal is small. */
const QUIET_ZONES = [4, 2, 1];

/**
 * Shows a seed until Enter is pressed; then the terminal removes it, so that it does not stay in the
 * scrollback. If the QR code does not fit, or on `s`, the seed is shown in groups of four.
 */
export function makeSeedDialog({ serial, seed, modules }: SeedToShow): Dialog<true> {
  let asText = false;
  return {
    isSecret: true,
    render(size) {
      const scan = renderScan(serial, modules, size);
      return !asText && scan || renderText(serial, seed, scan !== undefined, size);
    },
    onKey(key) {
      if (key === "s") asText = !asText;
      return key === "enter" ? { result: true } : undefined;
    },
  };
}

/** The seed in groups of four, as authenticator apps and people read it. */
export function groupSeed(seed: Secret): string {
  return seed.reveal().replace(/.{4}(?=.)/g, "$& ");
}

/** Renders the QR code; `undefined` if it does not fit. */
function renderScan(
  serial: string,
  modules: SeedToShow["modules"],
  size: TerminalSize,
): string[] | undefined {
  const title = cutToWidth(`Scan with your authenticator app: ${serial}`, size.columns - 1);
  const drawn = QUIET_ZONES.map((zone) => renderModules(withQuietZone(modules, zone)));
  return drawn.map((code) => [title, ...code, renderKeys("s: as text", size)])
    .find((lines) =>
      lines.length <= size.rows && lines.every((line) => displayWidth(line) < size.columns)
    );
}

function renderText(
  serial: string,
  seed: Secret,
  mayScan: boolean,
  size: TerminalSize,
): string[] {
  const text = [`Enter this key in your authenticator app, for ${serial}:`, groupSeed(seed)];
  const lines = text.flatMap((line) => wrapToWidth(line, size.columns - 1));
  return [...lines, renderKeys(mayScan ? "s: as QR code" : "", size)].slice(-size.rows);
}

function renderKeys(more: string, { columns }: TerminalSize): string {
  return cutToWidth(
    ["Enter: continue", more, "Ctrl-C: stop"].filter(Boolean).join("  "),
    columns - 1,
  );
}

function withQuietZone(modules: SeedToShow["modules"], zone: number): boolean[][] {
  const side = Array.from({ length: zone }, () => false);
  const rows = modules.map((row) => [...side, ...row, ...side]);
  const empty = () => Array.from({ length: modules.length + 2 * zone }, () => false);
  return [...side.map(empty), ...rows, ...side.map(empty)];
}

/**
 * Renders two rows of modules per line, as half blocks. The light modules are drawn, since most terminals are
 * dark; on a light terminal the code is inverted, which authenticator apps can also read.
 */
function renderModules(modules: readonly (readonly boolean[])[]): string[] {
  const lines: string[] = [];
  for (let y = 0; y < modules.length; y += 2) {
    const [upper, lower] = [modules[y]!, modules[y + 1]];
    lines.push(upper.map((isDark, x) => HALVES[`${!isDark}-${lower?.[x] === false}`]).join(""));
  }
  return lines;
}

const HALVES: Readonly<Record<`${boolean}-${boolean}`, string>> = {
  "true-true": "█",
  "true-false": "▀",
  "false-true": "▄",
  "false-false": " ",
};
