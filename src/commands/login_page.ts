/** Opens the page of `login`: in which browser, browser profile and container. */

import type { BrowserChoice } from "../browser/choose_browser.ts";
import { CONTAINER_COLORS, type PlacedPage, placePage } from "../browser/place_page.ts";
import { showOnce } from "../browser/show_once.ts";
import type { Profile } from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import type { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import type { Invocation } from "./context.ts";

/** The flags about the browser. */
export interface PageFlags {
  readonly browser?: string | undefined;
  readonly browserProfile?: string | undefined;
  /** A name, in which `{profile}` stands for the profile's name. */
  readonly container?: string | undefined;
}

/** A browser that can be started. */
export interface OpenedPage {
  readonly browser: Extract<BrowserChoice, { kind: "open" }>;
  readonly addressOf: PlacedPage["addressOf"];
}

/** Chooses by flags, environment and profile; throws `unsupported` if none opens here, and `bad-usage`. */
export function requirePage(
  { host }: Invocation,
  flags: PageFlags,
  profile: Profile | undefined,
): OpenedPage {
  const settings = profile?.browser;
  const named = flags.browser ?? (host.env.get("AWS_VAULT_BROWSER") || undefined);
  // A profile of one browser means nothing to another browser.
  const isOther = named !== undefined && settings?.command !== undefined;
  const { choice, addressOf } = placePage(host, {
    browser: named ?? settings?.command,
    profile: flags.browserProfile ?? (isOther ? undefined : settings?.profile),
    container: flags.container === undefined ? undefined : {
      name: flags.container.replaceAll(
        "{profile}",
        () => profile?.name ?? (host.env.get("AWS_VAULT") || "aws"),
      ),
      color: requireColor(profile),
    },
  });
  if (choice.kind === "open") return { browser: choice, addressOf };
  const why = choice.kind === "elsewhere" ? choice.why : "none was chosen";
  throw new VaultError("unsupported", `Cannot open a browser here: ${why}`, { hints: OTHER_WAYS });
}

function requireColor(profile: Profile | undefined): string | undefined {
  const color = profile?.browser?.containerColor;
  if (color === undefined || CONTAINER_COLORS.some((known) => known === color)) return color;
  throw new VaultError(
    "bad-config",
    `Cannot use aws_vault_container_color of profile ${quote(profile!.name)}: ${
      quote(color)
    } is not a container colour`,
    { hints: [`Use one of: ${CONTAINER_COLORS.join(", ")}`] },
  );
}

/** Shows the address in the browser; throws `unsupported` if no browser requested it. */
export async function showPage(
  invocation: Invocation,
  { browser, addressOf }: OpenedPage,
  url: Secret,
): Promise<void> {
  // The keystore is not needed while the browser starts.
  await invocation.close();
  if (await showOnce(invocation.host, browser, url, addressOf)) return;
  throw new VaultError(
    "unsupported",
    `No browser opened the page within a minute (${quote(browser.words[0]!)})`,
    { hints: OTHER_WAYS },
  );
}

const OTHER_WAYS = [
  "To open the address yourself: --stdout; it signs in once, within 15 minutes",
  "Name a browser with --browser, or AWS_VAULT_BROWSER",
];
