import type { ShellChange, Variables } from "../../exec/shell_state.ts";

/** What a script is made of. */
export interface HookOptions {
  /** Credentials that live shorter are renewed before a prompt, in seconds. */
  readonly minTtlSeconds: number;
  /** Whether the prompt shows the profile. */
  readonly showsSegment: boolean;
}

/**
 * A shell in which `avs` takes credentials into the running shell.
 *
 * The script starts no process for a prompt while nothing changes, and `aws-vault shell-use` at most once in
 * {@linkcode RETRY_SECONDS}. It passes no secret as an argument, and keeps a trace (`set -x`) from showing one.
 */
export interface ShellHook {
  readonly name: string;
  /** How the script comes into the shell, as a line for the file that the shell reads at its start. */
  readonly line: string;
  /** The script that `shell-hook` prints. */
  renderScript(options: HookOptions): string;
  /** What `shell-use` prints, and the script takes: it begins with what no help and no message begins with. */
  renderChange(change: ShellChange): string;
  /** Variables as a part of the script; absent where the script is kept in a file, and read by other shells. */
  renderStart?(set: Variables): string;
}

/** How long nothing is tried again. */
export const RETRY_SECONDS = 60;

/** With less left, the prompt is red. */
export const RED_SECONDS = 5 * 60;

/** The first line of a change that a shell evaluates. */
export const CHANGE_MARK = "# avs";
