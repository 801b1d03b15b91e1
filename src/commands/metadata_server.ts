/**
 * `exec --ec2-server`, `exec --imds-port`: an instance metadata service that runs as long as the
 * child.
 */

import type { Listener } from "../host.ts";
import type { TalkingHost } from "../talk.ts";
import type { RunningServer } from "./container_server.ts";
import type { LiveSource } from "./live_source.ts";
import type { ServerFlags } from "./server_flags.ts";

/** Starts the service for some credentials; throws `conflict` if its port or address is taken. */
export async function openMetadataServer(
  host: TalkingHost,
  flags: ServerFlags,
  source: LiveSource,
  region: string | undefined,
): Promise<RunningServer> {
  const { metadataHandler } = await import("../server/metadata.ts");
  // The host is known once the server listens; nobody else knows its port before.
  const hosts: string[] = [];
  const { clock, random } = host;
  const current = () => source.current();
  const allowsV1 = flags.imdsV1 === true;
  const handler = metadataHandler({ hosts, current, region, allowsV1, clock, random });
  const listener = host.servers.listen(flags.imdsPort ?? 0, handler);
  try {
    if (flags.ec2Server) return await serveEverywhere(host, flags, { hosts, listener });
  } catch (error) {
    listener.close();
    throw error;
  }
  hosts.push(listener.host);
  return {
    // The slash is needed: AWS CLI 2.9 appends the path without one.
    access: { kind: "metadata", endpoint: `http://${listener.host}/` },
    close: () => listener.close(),
  };
}

/** Serves at the address that every SDK uses, held by another process with other rights. */
async function serveEverywhere(
  host: TalkingHost,
  flags: ServerFlags,
  { hosts, listener }: { hosts: string[]; listener: Listener },
): Promise<RunningServer> {
  const { METADATA_ADDRESS, openMetadataAddress } = await import("./metadata_address.ts");
  const port = Number(listener.host.slice(listener.host.lastIndexOf(":") + 1));
  const address = await openMetadataAddress(host, port, { mayAsk: flags.noPrompt !== true });
  hosts.push(METADATA_ADDRESS);
  return {
    access: { kind: "metadata" },
    async close() {
      await address.close();
      listener.close();
    },
  };
}
