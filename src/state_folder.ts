import type { Host, Platform } from "./host.ts";

/** The folder for short-lived state, or `undefined` where neither a variable nor a home folder names one. */
export function stateFolder({ env, platform }: Pick<Host, "env" | "platform">): string | undefined {
  return expandPath(env.get("AWS_VAULT_STATE_DIR") || "~/.awsvault/state", platform);
}

/**
 * A path as a variable names it: `~` at its start is the home folder; `undefined` where that is unknown.
 *
 * On Windows it has one kind of separator afterwards, `/`, which also stands between it and what is below
 * it, and no `\\?\` before a drive or share: behind that Windows takes `/` for a part of a name, and the
 * runtime puts it before long paths itself.
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
