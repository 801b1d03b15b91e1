import type { Host, Platform } from "./host.ts";

/** The folder for short-lived state, or `undefined` if neither a variable nor a home folder names one. */
export function stateFolder({ env, platform }: Pick<Host, "env" | "platform">): string | undefined {
  return expandPath(env.get("AWS_VAULT_STATE_DIR") || "~/.awsvault/state", platform);
}

/**
 * Expands a path from a variable: a leading `~` is the home folder; `undefined` if that is unknown.
 *
 * On Windows the result has `/` as its only separator, as in the paths that are built from it. It has no
 * `\\?\` before a drive or share: after that prefix Windows takes `/` for part of a name, and the runtime
 * adds the prefix to long paths itself.
 */
export function expandPath(
  path: string,
  { os, home }: Pick<Platform, "os" | "home">,
): string | undefined {
  const isWindows = os === "windows";
  const isBelowHome = /^~($|\/)/.test(path) || isWindows && path.startsWith("~\\");
  if (isBelowHome && !home) return undefined;
  const whole = isBelowHome ? home + path.slice(1) : path;
  return isWindows ? withSlashes(whole) : whole;
}

function withSlashes(path: string): string {
  return path.replaceAll("\\", "/").replace(
    /^\/\/\?\/(?:UNC(\/)|(?=[a-z]:))/i,
    (_, slash) => slash ? "//" : "",
  );
}
