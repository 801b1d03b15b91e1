import type { Platform } from "../host.ts";

/** The program that `exec` starts when none is named: the person's shell, without arguments. */
export function defaultShell(
  env: Readonly<Record<string, string>>,
  os: Platform["os"],
): string {
  const shell = env["SHELL"] || undefined;
  if (os !== "windows") return shell ?? "/bin/sh";
  // `SHELL` is set there by Git's bash; `COMSPEC` by the system, under that name in any case.
  const comspec = Object.entries(env).find(([name]) => name.toUpperCase() === "COMSPEC")?.[1];
  return shell ?? (comspec || "cmd.exe");
}
