import { VaultError } from "../errors.ts";
import { printLines } from "../print.ts";
import type { CommandContext, GlobalFlags } from "./context.ts";

/** The first line of a proxy that relays. */
export const READY = "ready";

/** The flags of `proxy`. */
export interface ProxyFlags extends GlobalFlags {
  readonly port: number;
}

/**
 * `proxy --port N`: the part of `exec --ec2-server` that needs the rights of root, and does nothing
 * else. Its first line says that it is ready, or as JSON why it is not.
 */
export async function proxy(this: CommandContext, flags: ProxyFlags): Promise<void> {
  const { host } = this.open(flags);
  try {
    await host.companions.relayMetadata(flags.port, () => printLines(host.stdout, [READY]));
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    const { message, hints } = error;
    printLines(host.stdout, [JSON.stringify({ message, hints })]);
    this.exitWith(error.exitCode);
  }
}
