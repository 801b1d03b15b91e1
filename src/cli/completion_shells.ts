/** The shells that have a script. */
export const SHELLS = ["bash", "zsh", "fish", "pwsh"] as const;

/** One of {@linkcode SHELLS}. */
export type Shell = typeof SHELLS[number];

/** Whether there is a script for a shell of that name. */
export function isShell(name: string): name is Shell {
  return (SHELLS as readonly string[]).includes(name);
}
