import { renderDesktopEnvironment } from "../helper_environment.ts";
import { type Host, ProgramFailure } from "../host.ts";
import type { Talk } from "../talk.ts";
import { asClause, quote } from "../text.ts";
import type { BrowserChoice } from "./choose_browser.ts";

/** The parts of the host that opening a page needs. */
export type OpenPageDeps = Pick<Host, "env" | "programsApart"> & { readonly talk: Talk };

/** Opens a page of this machine in a browser; a failure is reported, and the person has the address. */
export async function openPage(
  { env, programsApart, talk }: OpenPageDeps,
  { words }: Extract<BrowserChoice, { kind: "open" }>,
  address: string,
): Promise<void> {
  const [command = "", ...rest] = words;
  const args = rest.some((word) => word.includes("%s"))
    ? rest.map((word) => word.replaceAll("%s", address))
    : [...rest, address];
  try {
    const code = await programsApart.start({
      command,
      args,
      env: renderDesktopEnvironment(env.all()),
    });
    if (code) talk.warn(`The browser did not open: ${quote(command)} ended with exit code ${code}`);
  } catch (error) {
    if (!(error instanceof ProgramFailure)) throw error;
    talk.warn(`The browser did not open: ${asClause(error.message)}`);
  }
}
