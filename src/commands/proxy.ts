import { VaultError } from "../errors.ts";
import { printLines } from "../print.ts";
import type { CommandContext, GlobalFlags } from "./context.ts";

/** The first output line of a proxy that relays. */
export const READY = "ready";

/** The flags of `proxy`. */
export interface ProxyFlags extends GlobalFlags {
  readonly port?: number | undefined;
}

/**
 * `proxy --port N`: the part of `exec --ec2-server` that needs root's rights, and does nothing
 * else. Its first line reports that it is ready, or as JSON why it is not.
 */
export async function proxy(this: CommandContext, flags: ProxyFlags): Promise<void> {
  const { port } = flags;
  if (port === undefined) throw notByHand();
  const { host } = this.open(flags);
  try {
    await host.companions.relayMetadata(port, () => printLines(host.stdout, [READY]));
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    const { message, hints } = error;
    printLines(host.stdout, [JSON.stringify({ message, hints })]);
    this.exitWith(error.exitCode);
  }
}

/** In aws-vault 7 a person starts it. */
function notByHand(): VaultError {
  return new VaultError("bad-usage", "Cannot start the proxy directly: it is a part of exec", {
    hints: ["It is started and stopped by: aws-vault exec --ec2-server"],
  });
}
