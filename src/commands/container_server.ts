/** `exec --server`: a container credential endpoint that runs as long as the child. */

import type { CredentialAccess } from "../exec/environment.ts";
import type { Listener } from "../host.ts";
import { Secret } from "../secret.ts";
import type { TalkingHost } from "../talk.ts";
import { quote } from "../text.ts";
import type { LiveSource } from "./live_source.ts";
import type { ServerFlags } from "./server_flags.ts";
import { openTokenFile, removeLeftTokenFiles } from "./token_file.ts";

/** A running server, and how the child reaches it. */
export interface RunningServer {
  readonly access: CredentialAccess;
  close(): void | Promise<void>;
}

const TOKEN_BYTES = 32;

/** Starts the server for some credentials; throws `conflict` if its port is taken. */
export async function openContainerServer(
  host: TalkingHost,
  flags: ServerFlags,
  source: LiveSource,
): Promise<RunningServer> {
  const { containerHandler } = await import("../server/container.ts");
  const token = new Secret(host.random.bytes(TOKEN_BYTES).toBase64({ alphabet: "base64url" }));
  // The host is known once the server listens; nobody else knows its port before.
  const gate = { host: "", token };
  const options = { gate, source, allowedRoles: flags.allowRole ?? [], clock: host.clock };
  const handler = containerHandler(options);
  const listener = host.servers.listen(flags.port ?? 0, handler, flags.address);
  gate.host = hostFor(flags.address, listener);
  if (flags.iKnowWhatIExpose) warnOfExposure(host, gate.host);
  removeLeftTokenFiles(host);
  const file = flags.tokenFile ? openTokenFile(host, token) : undefined;
  return {
    access: {
      kind: "container",
      uri: `http://${listener.host}/`,
      token: file === undefined ? token : { file: file.path },
    },
    close() {
      file?.remove();
      listener.close();
    },
  };
}

/** The `Host` of requests: a server on all addresses is reached at any of them, by number. */
export function hostFor(address: string | undefined, { host }: Listener): string {
  const isAny = address !== undefined && /^[0:.]+$/.test(address);
  return isAny ? `*${host.slice(host.lastIndexOf(":"))}` : host;
}

/** Warns about the consequences of being reachable from other machines. */
export function warnOfExposure({ talk }: TalkingHost, host: string): void {
  talk.warn(
    `Anyone who can reach ${
      quote(host)
    } and has the token gets the credentials; both travel unencrypted`,
  );
}
