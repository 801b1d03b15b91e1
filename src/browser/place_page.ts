/** Opens a page in a profile or container of a browser. */

import { VaultError } from "../errors.ts";
import type { SignInOptions } from "../sign_in.ts";
import { quote } from "../text.ts";
import { type Browser, BROWSERS, findBrowser } from "./browsers.ts";
import {
  type BrowserChoice,
  type BrowserDeps,
  chooseBrowser,
  reasonAgainst,
} from "./choose_browser.ts";

/** The requested browser, profile and container. */
export interface PageWishes {
  /** A command line, or the name of a row of `BROWSERS`. */
  readonly browser?: string | undefined;
  readonly profile?: string | undefined;
  readonly container?: { readonly name: string; readonly color?: string | undefined } | undefined;
}

/** A browser to start, and the conversion of its address. */
export interface PlacedPage {
  readonly choice: BrowserChoice;
  /** The address to give to the browser for the address of a page. */
  addressOf(page: string): string;
}

/** Firefox's colours of containers (`contextualIdentities`). */
export const CONTAINER_COLORS = [
  "blue",
  "turquoise",
  "green",
  "yellow",
  "orange",
  "red",
  "pink",
  "purple",
] as const;

/**
 * Chooses a browser for a page, and its words for a profile or a container.
 *
 * Throws `bad-usage` if a browser must be named, or if it has no containers.
 */
export function placePage(deps: BrowserDeps, wishes: PageWishes): PlacedPage {
  const { profile, container } = wishes;
  const plain = (page: string) => page;
  if (profile === undefined && container === undefined) {
    return { choice: chooseNamed(deps, wishes.browser), addressOf: plain };
  }
  const named = namedWords(deps, wishes.browser);
  const why = named === undefined ? reasonAgainst(deps) : undefined;
  if (why !== undefined) return { choice: { kind: "elsewhere", why }, addressOf: plain };
  const { row, words } = named ?? findInstalled(deps, container !== undefined);
  if (container !== undefined && row.containerWords === undefined) {
    throw new VaultError("bad-usage", `Cannot use --container: ${quote(row.name)} has none`, {
      hints: [
        "Only Firefox has containers: --browser firefox; other browsers have --browser-profile",
      ],
    });
  }
  const placed = [
    ...words,
    ...profile === undefined ? [] : row.profileWords(profile),
    ...container === undefined ? [] : row.containerWords!,
  ];
  return {
    choice: { kind: "open", words: placed },
    addressOf: container === undefined ? plain : (page) => containerAddress(container, page),
  };
}

/**
 * Chooses a browser for a sign-in as `chooseBrowser` does; the profile's settings count if neither flag nor
 * variable names one. A config file is shared by several machines: if no browser opens here, no setting
 * opens one.
 */
export function chooseForSignIn(
  deps: BrowserDeps,
  { noBrowser, browser, browserSettings: own }: Pick<
    SignInOptions,
    "noBrowser" | "browser" | "browserSettings"
  >,
): BrowserChoice {
  const usual = chooseBrowser(deps, { noBrowser, browser });
  const isNamed = browser !== undefined || Boolean(deps.env.get("AWS_VAULT_BROWSER"));
  const isOwn = own?.command !== undefined || own?.profile !== undefined;
  if (isNamed || !isOwn || usual.kind !== "open") return usual;
  return placePage(deps, { browser: own.command, profile: own.profile }).choice;
}

/** A browser by the name of its row, if no program has that name. */
function chooseNamed(deps: BrowserDeps, browser: string | undefined): BrowserChoice {
  const row = BROWSERS.find(({ name }) => name === browser);
  const program = row && deps.programs.find(row.name) === undefined && findProgram(deps, row);
  return program ? { kind: "open", words: [program] } : chooseBrowser(deps, { browser });
}

function namedWords(
  deps: BrowserDeps,
  browser: string | undefined,
): { readonly row: Browser; readonly words: readonly string[] } | undefined {
  if (browser === undefined) return undefined;
  const choice = chooseNamed(deps, browser);
  if (choice.kind !== "open") return undefined;
  const row = findBrowser(choice.words[0]!, deps.platform.os);
  if (row !== undefined && !choice.words.some((word) => word.includes("%s"))) {
    return { row, words: choice.words };
  }
  throw new VaultError(
    "bad-usage",
    `Cannot choose a profile or container of ${
      quote(choice.words[0]!)
    }: the flags of this browser are not known`,
    { hints: [`Known are ${BROWSERS.map(({ name }) => name).join(", ")}`] },
  );
}

/** The only installed browser: with several, a profile could belong to any of them. */
function findInstalled(deps: BrowserDeps, isContainer: boolean) {
  const found = BROWSERS.filter((row) => !isContainer || row.containerWords !== undefined)
    .flatMap((row) => {
      const program = findProgram(deps, row);
      return program === undefined ? [] : [{ row, words: [program] }];
    });
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  throw new VaultError(
    "bad-usage",
    only === undefined
      ? `Cannot find a browser: looked for ${BROWSERS.map(({ name }) => name).join(", ")}`
      : "Cannot tell which browser is meant: there are several",
    { hints: [`Name one: --browser ${(only ?? { row: BROWSERS[0]! }).row.name}`] },
  );
}

function findProgram({ programs, files, platform }: BrowserDeps, row: Browser): string | undefined {
  return row.programs[platform.os].find((program) =>
    /[\\/]/.test(program) ? files.info(program) !== undefined : programs.find(program) !== undefined
  );
}

/**
 * The scheme of the add-on "Granted Containers". "Open external links in a container" has the same scheme
 * with another name in front: https://github.com/common-fate/granted-containers.
 */
function containerAddress(
  { name, color = "" }: NonNullable<PageWishes["container"]>,
  page: string,
): string {
  const url = encodeURIComponent(page);
  return `ext+granted-containers:name=${encodeURIComponent(name)}&url=${url}&color=${color}&icon=`;
}
