/** A real browser without a window. */

import { requireService, runs } from "../services.ts";

const HAS_CHROMIUM = Deno.build.os === "linux" && runs("chromium", "--version");

export const CHROMIUM = requireService("chromium", HAS_CHROMIUM, "apt install chromium");

/** The words that start it with a profile of its own; more flags and a page's address follow. */
export function chromiumWords(folder: string): string[] {
  return [
    "chromium",
    "--headless=new",
    // Its sandbox needs rights that a container does not give; the pages are the test's own.
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    `--user-data-dir=${folder}/chromium`,
  ];
}
