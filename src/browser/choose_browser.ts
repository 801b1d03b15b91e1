/** Chooses the program that opens a page for the person on this machine, if any. */

import type { Host } from "../host.ts";
import { splitCommand, UnfinishedCommand } from "../split_command.ts";
import { VaultError } from "../errors.ts";
import { asClause } from "../text.ts";

/** The inputs of the choice. */
export type BrowserDeps = Pick<Host, "env" | "platform"> & {
  readonly files: Pick<Host["files"], "info">;
  readonly programs: Pick<Host["programs"], "find">;
};

/** How the person sees a page. */
export type BrowserChoice =
  /** A program opens it; `%s` in the words stands for the address, otherwise the last word is. */
  | { readonly kind: "open"; readonly words: readonly string[] }
  /** The person requested only the address. */
  | { readonly kind: "print" }
  /** No browser opens here, so the page must work on any device. */
  | { readonly kind: "elsewhere"; readonly why: string };

/**
 * Chooses by `--no-browser`, `--browser`, `AWS_VAULT_BROWSER`, `BROWSER` and the kind of this machine.
 *
 * Over SSH and in a container a browser would open on the wrong machine, or could not reach this one: there
 * only a browser that is named for this program is used. Throws `bad-usage` for a command line that cannot
 * be parsed.
 */
export function chooseBrowser(
  deps: BrowserDeps,
  options: { readonly noBrowser?: boolean | undefined; readonly browser?: string | undefined },
): BrowserChoice {
  const choice = chooseProgram(deps, options.browser);
  // An address on this machine is useful only if a browser could run on this machine.
  return options.noBrowser && choice.kind === "open" ? { kind: "print" } : choice;
}

function chooseProgram(deps: BrowserDeps, browser: string | undefined): BrowserChoice {
  const { env, platform, programs } = deps;
  if (browser !== undefined) return open(split("--browser", browser, platform.os));
  const own = env.get("AWS_VAULT_BROWSER");
  if (own) return open(split("AWS_VAULT_BROWSER", own, platform.os));
  const why = reasonAgainst(deps);
  if (why !== undefined) return { kind: "elsewhere", why };
  const usual = usualBrowser(deps);
  if (usual !== undefined) return open(usual);
  if (platform.os === "darwin") return open(["open"]);
  if (platform.os === "windows") return open(["rundll32", "url.dll,FileProtocolHandler"]);
  if (isWsl(deps)) {
    return programs.find("wslview") === undefined
      ? { kind: "elsewhere", why: "this is WSL without wslview" }
      : open(["wslview"]);
  }
  if (!env.get("DISPLAY") && !env.get("WAYLAND_DISPLAY")) {
    return { kind: "elsewhere", why: "there is no display" };
  }
  return programs.find("xdg-open") === undefined
    ? { kind: "elsewhere", why: "there is no xdg-open" }
    : open(["xdg-open"]);
}

function open(words: readonly string[]): BrowserChoice {
  return { kind: "open", words };
}

/** Why a browser that is not named for this program would open on the wrong machine, else `undefined`. */
export function reasonAgainst({ env, files, platform }: BrowserDeps): string | undefined {
  const isSet = (name: string) => Boolean(env.get(name));
  if (["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].some(isSet)) return "this is an SSH connection";
  if (platform.os !== "linux") return undefined;
  const isContainer = ["container", "KUBERNETES_SERVICE_HOST"].some(isSet) ||
    ["/.dockerenv", "/run/.containerenv"].some((path) => files.info(path) !== undefined);
  return isContainer ? "this is a container" : undefined;
}

function isWsl({ env, platform }: BrowserDeps): boolean {
  return platform.os === "linux" &&
    Boolean(env.get("WSL_DISTRO_NAME") || env.get("WSL_INTEROP"));
}

/** `BROWSER`: command lines separated by colons; the first whose program exists counts. */
function usualBrowser({ env, platform, programs }: BrowserDeps): string[] | undefined {
  const lines = (env.get("BROWSER") ?? "").split(platform.os === "windows" ? ";" : ":");
  for (const line of lines.filter((line) => line.trim() !== "")) {
    const words = split("BROWSER", line, platform.os);
    if (programs.find(words[0]!) !== undefined) return words;
  }
  return undefined;
}

function split(name: string, line: string, os: Host["platform"]["os"]): string[] {
  try {
    const words = splitCommand(line, os);
    if (words.length > 0) return words;
  } catch (error) {
    if (!(error instanceof UnfinishedCommand)) throw error;
    throw new VaultError("bad-usage", `Cannot read ${name}: ${asClause(error.message)}`);
  }
  throw new VaultError("bad-usage", `Cannot use ${name}: it names no program`);
}
