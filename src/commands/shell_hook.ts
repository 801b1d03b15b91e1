import { SHELL_VARIABLES, type Variables } from "../exec/shell_state.ts";
import type { Env } from "../host.ts";
import { printDocument } from "../print.ts";
import { escapeControls } from "../text.ts";
import type { CommandContext, GlobalFlags } from "./context.ts";
import { requireShellHook } from "./shell_hooks/mod.ts";

/** The flags of `shell-hook`. */
export interface ShellHookFlags extends GlobalFlags {
  /** In seconds. */
  readonly minTtl?: number | undefined;
  readonly noSegment?: boolean | undefined;
}

/** With less time left, the prompt obtains new credentials, well before it turns red. */
const MIN_TTL_SECONDS = 10 * 60;

/** `shell-hook SHELL`: prints the script that defines `avs` in a shell, and shows the profile in its prompt. */
export function shellHook(this: CommandContext, flags: ShellHookFlags, shell: string): void {
  const { host } = this.open(flags);
  const hook = requireShellHook(shell);
  const start = resolveStart(host.env);
  const script = hook.renderScript({
    minTtlSeconds: flags.minTtl ?? MIN_TTL_SECONDS,
    showsSegment: !flags.noSegment,
  });
  printDocument(host.stdout, script + (start && hook.renderStart?.(start) || ""));
}

/**
 * In the child of `exec` the prompt shows the profile of `exec`, which is never renewed: the flags with which
 * its credentials were obtained are unknown here.
 */
function resolveStart(env: Env): Variables | undefined {
  const [profile, key] = [env.get("AWS_VAULT"), env.get("AWS_ACCESS_KEY_ID")];
  if (!profile || !key || env.get(SHELL_VARIABLES.key)) return undefined;
  const until = parseInstant(env.get("AWS_CREDENTIAL_EXPIRATION"));
  return {
    [SHELL_VARIABLES.key]: key,
    [SHELL_VARIABLES.label]: escapeControls(profile),
    ...until !== undefined && { [SHELL_VARIABLES.until]: until },
  };
}

/** Converts to seconds since 1970, as a text. */
function parseInstant(text: string | undefined): string | undefined {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? undefined : String(Math.floor(ms / 1000));
}
