import assert from "node:assert/strict";
import type { Platform } from "../host.ts";
import { memoryEnv, memoryPlatform } from "../../tests/fakes/memory_host.ts";
import { type BrowserChoice, chooseBrowser } from "./choose_browser.ts";

interface Case {
  readonly name: string;
  readonly env?: Record<string, string>;
  readonly os?: Platform["os"];
  readonly programs?: readonly string[];
  readonly files?: readonly string[];
  readonly flags?: Parameters<typeof chooseBrowser>[1];
  readonly choice: BrowserChoice;
}

const DISPLAY = { DISPLAY: ":0" };
const SSH = { ...DISPLAY, SSH_CONNECTION: "1" };
const open = (...words: string[]): BrowserChoice => ({ kind: "open", words });
const elsewhere = (why: string): BrowserChoice => ({ kind: "elsewhere", why });

const CASES: readonly Case[] = [
  { name: "a display", env: DISPLAY, choice: open("xdg-open") },
  { name: "Wayland", env: { WAYLAND_DISPLAY: "w" }, choice: open("xdg-open") },
  { name: "no display", choice: elsewhere("there is no display") },
  { name: "no xdg-open", env: DISPLAY, programs: [], choice: elsewhere("there is no xdg-open") },
  { name: "macOS", os: "darwin", choice: open("open") },
  { name: "Windows", os: "windows", choice: open("rundll32", "url.dll,FileProtocolHandler") },
  { name: "SSH", env: SSH, choice: elsewhere("this is an SSH connection") },
  { name: "SSH to macOS", os: "darwin", env: SSH, choice: elsewhere("this is an SSH connection") },
  {
    name: "a container",
    env: DISPLAY,
    files: ["/.dockerenv"],
    choice: elsewhere("this is a container"),
  },
  {
    name: "podman",
    env: DISPLAY,
    files: ["/run/.containerenv"],
    choice: elsewhere("this is a container"),
  },
  {
    name: "WSL with wslview",
    env: { WSL_DISTRO_NAME: "Debian" },
    programs: ["wslview"],
    choice: open("wslview"),
  },
  {
    name: "WSL without wslview",
    env: { ...DISPLAY, WSL_DISTRO_NAME: "Debian" },
    choice: elsewhere("this is WSL without wslview"),
  },
  { name: "--no-browser", env: DISPLAY, flags: { noBrowser: true }, choice: { kind: "print" } },
  {
    name: "--no-browser over SSH",
    env: SSH,
    flags: { noBrowser: true },
    choice: elsewhere("this is an SSH connection"),
  },
  {
    name: "--browser over SSH",
    env: SSH,
    flags: { browser: "firefox -P 'my work'" },
    choice: open("firefox", "-P", "my work"),
  },
  {
    name: "AWS_VAULT_BROWSER in a container",
    env: { AWS_VAULT_BROWSER: "open-on-host" },
    files: ["/.dockerenv"],
    choice: open("open-on-host"),
  },
  {
    name: "BROWSER, the first that is there",
    env: { BROWSER: "missing %s:xdg-open --new %s" },
    choice: open("xdg-open", "--new", "%s"),
  },
  {
    name: "BROWSER over SSH",
    env: { ...SSH, BROWSER: "xdg-open" },
    choice: elsewhere("this is an SSH connection"),
  },
];

for (const { name, env = {}, os = "linux", programs = ["xdg-open"], ...rest } of CASES) {
  Deno.test(`chooseBrowser() with ${name}`, () => {
    const files = { info: (path: string) => rest.files?.includes(path) ? FILE : undefined };
    const find = (program: string) => programs.includes(program) ? `/bin/${program}` : undefined;
    const deps = {
      env: memoryEnv(env),
      platform: memoryPlatform({ os }),
      files,
      programs: { find },
    };
    assert.deepEqual(chooseBrowser(deps, rest.flags ?? {}), rest.choice);
  });
}

const FILE = {
  kind: "file",
  mode: 0o600,
  isOwn: true,
  isTrusted: true,
  size: 0,
  modified: undefined,
} as const;

Deno.test("chooseBrowser() refuses a line that cannot be read", () => {
  const deps = {
    env: memoryEnv(),
    platform: memoryPlatform(),
    files: { info: () => undefined },
    programs: { find: () => undefined },
  };
  assert.throws(() => chooseBrowser(deps, { browser: "'open" }), { code: "bad-usage" });
  assert.throws(() => chooseBrowser(deps, { browser: " " }), { code: "bad-usage" });
});
