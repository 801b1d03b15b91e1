import type { Platform } from "../host.ts";

/** The program that `exec` starts if none is named: the person's shell, without arguments. */
export function defaultShell(
  env: Readonly<Record<string, string>>,
  os: Platform["os"],
): string {
  const shell = env["SHELL"] || undefined;
  if (os !== "windows") return shell ?? "/bin/sh";
  // On Windows, Git's bash sets `SHELL`, and the system sets `COMSPEC`, whose case varies.
  const comspec = Object.entries(env).find(([name]) => name.toUpperCase() === "COMSPEC")?.[1];
  return shell ?? (comspec || "cmd.exe");
}
