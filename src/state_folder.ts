import type { Host } from "./host.ts";

/** The folder for short-lived state, or `undefined` where neither a variable nor a home folder names one. */
export function stateFolder(deps: Pick<Host, "env" | "platform">): string | undefined {
  const named = deps.env.get("AWS_VAULT_STATE_DIR");
  if (named) return named;
  return deps.platform.home === undefined ? undefined : `${deps.platform.home}/.awsvault/state`;
}
