/** The server that the flags of `exec` request beside the child. */

import type { ProfilePlan } from "../credentials/profile_plan.ts";
import type { RunningServer } from "./container_server.ts";
import type { CommandContext, Invocation } from "./context.ts";
import { openLiveSource } from "./live_source.ts";
import type { ServerFlags, ServerKind } from "./server_flags.ts";

/** The name of each kind in the record of uses. */
const NAMES: Readonly<Record<ServerKind, string>> = {
  container: "exec --server",
  metadata: "exec --ec2-server",
};

/** Starts the server, once the profile's credentials are available (`--lazy`: at once). */
export async function openServer(
  context: CommandContext,
  invocation: Invocation,
  { kind, flags, planned }: { kind: ServerKind; flags: ServerFlags; planned: ProfilePlan },
): Promise<RunningServer> {
  const source = await openLiveSource(context, invocation, { by: NAMES[kind], flags, planned });
  try {
    const server = await open(invocation, kind, { flags, planned, source });
    return {
      access: server.access,
      async close() {
        source.stop();
        await server.close();
      },
    };
  } catch (error) {
    source.stop();
    throw error;
  }
}

async function open(
  { host }: Invocation,
  kind: ServerKind,
  { flags, planned, source }: {
    flags: ServerFlags;
    planned: ProfilePlan;
    source: Awaited<ReturnType<typeof openLiveSource>>;
  },
): Promise<RunningServer> {
  if (kind === "container") {
    const { openContainerServer } = await import("./container_server.ts");
    return await openContainerServer(host, flags, source);
  }
  const { openMetadataServer } = await import("./metadata_server.ts");
  return await openMetadataServer(host, flags, source, planned.profile.region);
}
