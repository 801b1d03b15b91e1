import type { ShellChange, Variables } from "../../exec/shell_state.ts";

/** The options of a script. */
export interface HookOptions {
  /** Credentials with less time left are renewed before a prompt, in seconds. */
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
  /** The line for the shell's start file that loads the script. */
  readonly line: string;
  /** The script that `shell-hook` prints. */
  renderScript(options: HookOptions): string;
  /** The output of `shell-use` for the script: it begins with a mark that no help or message begins with. */
  renderChange(change: ShellChange): string;
  /** Variables as part of the script; absent if the script is kept in a file, which other shells also read. */
  renderStart?(set: Variables): string;
}

/** The minimum time between two tries. */
export const RETRY_SECONDS = 60;

/** With less time left, the prompt is red. */
export const RED_SECONDS = 5 * 60;

/** The first line of a change that a shell evaluates. */
export const CHANGE_MARK = "# avs";
