import assert from "node:assert/strict";
import type { Platform } from "../host.ts";
import { memoryEnv, memoryPlatform } from "../../tests/fakes/memory_host.ts";
import { chooseForSignIn, type PageWishes, placePage } from "./place_page.ts";

interface Case {
  readonly name: string;
  readonly os?: Platform["os"];
  readonly env?: Record<string, string>;
  /** What is there: programs of `PATH`, and files. */
  readonly there: readonly string[];
  readonly wishes: PageWishes;
  /** The words that start it, the address last; or the code of the error. */
  readonly outcome: readonly string[] | string;
}

const PAGE = "http://127.0.0.1:1/a?b=c&d";
const CONTAINED =
  "ext+granted-containers:name=my%20%26%20work&url=http%3A%2F%2F127.0.0.1%3A1%2Fa%3Fb%3Dc%26d&color=red&icon=";
const container = { name: "my & work", color: "red" };
const MAC_FIREFOX = "/Applications/Firefox.app/Contents/MacOS/firefox";
const MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

const CASES: readonly Case[] = [
  {
    name: "a profile of Chrome",
    there: ["google-chrome"],
    wishes: { browser: "chrome", profile: "Profile 1" },
    outcome: ["google-chrome", "--profile-directory=Profile 1", PAGE],
  },
  {
    name: "a profile of Edge",
    there: ["microsoft-edge-stable"],
    wishes: { browser: "edge", profile: "p" },
    outcome: ["microsoft-edge-stable", "--profile-directory=p", PAGE],
  },
  {
    name: "a profile of Brave",
    there: ["brave-browser"],
    wishes: { browser: "brave", profile: "p" },
    outcome: ["brave-browser", "--profile-directory=p", PAGE],
  },
  {
    name: "a profile of Firefox",
    there: ["firefox"],
    wishes: { browser: "firefox", profile: "my work" },
    outcome: ["firefox", "-P", "my work", PAGE],
  },
  {
    name: "a command line of one's own",
    there: [],
    wishes: { browser: "/opt/brave/brave --new-window", profile: "p" },
    outcome: ["/opt/brave/brave", "--new-window", "--profile-directory=p", PAGE],
  },
  {
    name: "the only browser that is there",
    there: ["chromium"],
    wishes: { profile: "p" },
    outcome: ["chromium", "--profile-directory=p", PAGE],
  },
  {
    name: "two browsers",
    there: ["chromium", "firefox"],
    wishes: { profile: "p" },
    outcome: "bad-usage",
  },
  {
    name: "no browser",
    there: ["xdg-open"],
    env: { DISPLAY: ":0" },
    wishes: { profile: "p" },
    outcome: "bad-usage",
  },
  {
    name: "a browser whose flags nobody knows",
    there: [],
    wishes: { browser: "lynx", profile: "p" },
    outcome: "bad-usage",
  },
  {
    name: "a container",
    there: ["firefox-esr", "chromium"],
    wishes: { container },
    outcome: ["firefox-esr", "--new-tab", CONTAINED],
  },
  {
    name: "a container in a profile",
    there: [],
    wishes: { browser: "firefox", profile: "w", container },
    outcome: ["firefox", "-P", "w", "--new-tab", CONTAINED],
  },
  {
    name: "a container of Chrome",
    there: ["google-chrome"],
    wishes: { browser: "chrome", container },
    outcome: "bad-usage",
  },
  {
    name: "a container on macOS",
    os: "darwin",
    there: [MAC_FIREFOX, MAC_CHROME],
    wishes: { container },
    outcome: [MAC_FIREFOX, "--new-tab", CONTAINED],
  },
  {
    name: "Chrome on macOS",
    os: "darwin",
    there: [MAC_CHROME],
    wishes: { browser: "chrome" },
    outcome: [MAC_CHROME, PAGE],
  },
  {
    name: "a container on Windows",
    os: "windows",
    there: ["C:\\Program Files\\Mozilla Firefox\\firefox.exe"],
    wishes: { container },
    outcome: ["C:\\Program Files\\Mozilla Firefox\\firefox.exe", "--new-tab", CONTAINED],
  },
  {
    name: "nothing of it",
    there: ["xdg-open"],
    env: { DISPLAY: ":0" },
    wishes: {},
    outcome: ["xdg-open", PAGE],
  },
];

for (const { name, os = "linux", env = {}, there, wishes, outcome } of CASES) {
  Deno.test(`placePage() with ${name}`, () => {
    const deps = {
      env: memoryEnv(env),
      platform: memoryPlatform({ os }),
      files: { info: (path: string) => there.includes(path) ? FILE : undefined },
      programs: { find: (program: string) => there.includes(program) ? program : undefined },
    };
    if (typeof outcome === "string") {
      return void assert.throws(() => placePage(deps, wishes), { code: outcome });
    }
    const { choice, addressOf } = placePage(deps, wishes);
    assert(choice.kind === "open");
    assert.deepEqual([...choice.words, addressOf(PAGE)], outcome);
  });
}

const FILE = {
  kind: "file",
  mode: 0o700,
  isOwn: true,
  isTrusted: true,
  size: 0,
  modified: undefined,
} as const;

Deno.test("chooseForSignIn() takes the profile's browser where one opens and none is named", () => {
  const choose = (env: Record<string, string>, options: Parameters<typeof chooseForSignIn>[1]) =>
    chooseForSignIn({
      env: memoryEnv(env),
      platform: memoryPlatform(),
      files: { info: () => undefined },
      programs: { find: (program: string) => program },
    }, options);
  const browserSettings = { command: "firefox", profile: "work" };
  const here = { DISPLAY: ":0" };
  const words = (...words: string[]) => ({ kind: "open", words });
  assert.deepEqual(choose(here, { browserSettings }), words("firefox", "-P", "work"));
  assert.deepEqual(
    choose(here, { browserSettings: { command: "my-browser --x" } }),
    words("my-browser", "--x"),
  );
  assert.deepEqual(choose(here, { browserSettings: {} }), words("xdg-open"));
  assert.deepEqual(choose(here, { browserSettings, browser: "other" }), words("other"));
  assert.deepEqual(
    choose({ ...here, AWS_VAULT_BROWSER: "mine" }, { browserSettings }),
    words("mine"),
  );
  assert.deepEqual(choose(here, { browserSettings, noBrowser: true }), { kind: "print" });
  assert.equal(choose({ ...here, SSH_TTY: "x" }, { browserSettings }).kind, "elsewhere");
  assert.equal(choose({}, { browserSettings }).kind, "elsewhere");
});

Deno.test("placePage() over SSH opens no browser that nobody named", () => {
  const deps = {
    env: memoryEnv({ SSH_TTY: "x" }),
    platform: memoryPlatform(),
    files: { info: () => undefined },
    programs: { find: (program: string) => program },
  };
  assert.equal(placePage(deps, { container }).choice.kind, "elsewhere");
  assert.equal(placePage(deps, { container, browser: "firefox" }).choice.kind, "open");
});

Deno.test("placePage() names one of several browsers, which opens when it is named", () => {
  const deps = {
    env: memoryEnv({ DISPLAY: ":0" }),
    platform: memoryPlatform(),
    files: { info: () => undefined },
    programs: { find: (program: string) => program },
  };
  const wishes = { profile: "p" };
  const hints = ["Name one: --browser firefox"];
  assert.throws(() => placePage(deps, wishes), { code: "bad-usage", hints });
  assert.equal(placePage(deps, { ...wishes, browser: "firefox" }).choice.kind, "open");
});
