/** The browsers whose profiles and containers this program can open: a table of rows. */

import type { Platform } from "../host.ts";

type System = Platform["os"];

/** A browser. */
export interface Browser {
  /** The name for `--browser` and `aws_vault_browser`. */
  readonly name: string;
  /** Its names in `PATH`, or the paths of its installer; the first that exists is started. */
  readonly programs: Readonly<Record<System, readonly string[]>>;
  /** The words that open an address in one of its profiles. */
  profileWords(profile: string): readonly string[];
  /** The words that open an address of its container scheme; absent if it has no containers. */
  readonly containerWords?: readonly string[];
}

/** For every Chromium-based browser: a profile is named by its folder (chrome://version). */
const profileDirectory = (profile: string): string[] => [`--profile-directory=${profile}`];

/** In search order. */
export const BROWSERS: readonly Browser[] = [
  {
    name: "firefox",
    programs: {
      linux: ["firefox", "firefox-esr"],
      darwin: ["/Applications/Firefox.app/Contents/MacOS/firefox"],
      windows: ["firefox", "C:\\Program Files\\Mozilla Firefox\\firefox.exe"],
    },
    profileWords: (profile) => ["-P", profile],
    containerWords: ["--new-tab"],
  },
  {
    name: "chrome",
    programs: {
      linux: ["google-chrome", "google-chrome-stable"],
      darwin: ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"],
      windows: ["chrome", "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"],
    },
    profileWords: profileDirectory,
  },
  {
    name: "chromium",
    programs: {
      linux: ["chromium", "chromium-browser"],
      darwin: ["/Applications/Chromium.app/Contents/MacOS/Chromium"],
      windows: ["chromium"],
    },
    profileWords: profileDirectory,
  },
  {
    name: "edge",
    programs: {
      linux: ["microsoft-edge", "microsoft-edge-stable"],
      darwin: ["/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"],
      windows: ["msedge", "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe"],
    },
    profileWords: profileDirectory,
  },
  {
    name: "brave",
    programs: {
      linux: ["brave-browser", "brave"],
      darwin: ["/Applications/Brave Browser.app/Contents/MacOS/Brave Browser"],
      windows: [
        "brave",
        "C:\\Program Files\\BraveSoftware\\Brave-Browser\\Application\\brave.exe",
      ],
    },
    profileWords: profileDirectory,
  },
];

/** The browser of a program, by its file name; `undefined` for any other program. */
export function findBrowser(program: string, os: System): Browser | undefined {
  const own = fileName(program);
  return BROWSERS.find(({ name, programs }) =>
    own === name || programs[os].some((known) => fileName(known) === own)
  );
}

function fileName(path: string): string {
  return path.replace(/^.*[\\/]/, "").replace(/\.exe$/i, "");
}
