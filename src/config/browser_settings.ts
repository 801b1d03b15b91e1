/** The browser, browser profile and container in which the console of a profile opens. */

import type { ProfileSettingsSource } from "./inherit.ts";

/** The settings as they are written; absent ones are omitted. */
export interface BrowserSettings {
  /** `aws_vault_browser`: a command line, or the name of a browser. */
  readonly command?: string;
  /** `aws_vault_browser_profile`. */
  readonly profile?: string;
  /** `aws_vault_container_color`. */
  readonly containerColor?: string;
}

/** Reads them; `undefined` if a profile has none. */
export function resolveBrowser(source: ProfileSettingsSource): BrowserSettings | undefined {
  const command = source.getText("aws_vault_browser")?.value;
  const profile = source.getText("aws_vault_browser_profile")?.value;
  const containerColor = source.getText("aws_vault_container_color")?.value;
  if ((command ?? profile ?? containerColor) === undefined) return undefined;
  return {
    ...command !== undefined && { command },
    ...profile !== undefined && { profile },
    ...containerColor !== undefined && { containerColor },
  };
}
