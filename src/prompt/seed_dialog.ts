/** How a person takes over the seed of an MFA device: a QR code, or the seed to be typed. */

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

/** The modules of a QR code without a quiet zone; the library is loaded for it. */
export async function qrModules(text: Secret): Promise<boolean[][]> {
  const { encode } = await import("uqr");
  return encode(text.reveal(), { ecc: "L", border: 0 }).data;
}

/** Modules of light around the code: four by the standard, fewer where the terminal is small. */
const QUIET_ZONES = [4, 2, 1];

/**
 * Shows a seed until Enter is pressed; the terminal takes it away again, so that it is not left in what
 * can be scrolled back. Where the QR code does not fit, and with `s`, the seed is shown in groups of four.
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

/** `undefined` where the code does not fit. */
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
 * Two rows of modules in a line of half blocks. What is light is drawn, since most terminals are dark; on a
 * light one the code is inverted, which authenticator apps read, too.
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
