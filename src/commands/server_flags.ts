/** The flags of the servers of `exec`: which server they request, and which of them conflict. */

import { VaultError } from "../errors.ts";
import { isIpAddress, isLoopback } from "../loopback.ts";
import { quote } from "../text.ts";
import type { LiveFlags } from "./live_source.ts";

/** All flags of the servers. */
export interface ServerFlags extends LiveFlags {
  readonly server?: boolean | undefined;
  readonly ecsServer?: boolean | undefined;
  readonly ec2Server?: boolean | undefined;
  readonly port?: number | undefined;
  readonly address?: string | undefined;
  readonly iKnowWhatIExpose?: boolean | undefined;
  readonly tokenFile?: boolean | undefined;
  readonly allowRole?: readonly string[] | undefined;
  readonly imdsPort?: number | undefined;
  readonly imdsV1?: boolean | undefined;
}

/** A container credential endpoint, or an instance metadata service. */
export type ServerKind = "container" | "metadata";

/** The flags that apply to only one kind of server, with their spelling. */
const FLAGS_OF: Readonly<Record<ServerKind, Readonly<Partial<Record<keyof ServerFlags, string>>>>> =
  {
    container: {
      port: "--port",
      address: "--address",
      iKnowWhatIExpose: "--i-know-what-i-expose",
      tokenFile: "--token-file",
      allowRole: "--allow-role",
    },
    metadata: { imdsV1: "--imds-v1" },
  };

/** The flags that request each kind. */
const ASKED_BY: Readonly<Record<ServerKind, string>> = {
  container: "--server",
  metadata: "--ec2-server or --imds-port",
};

/** The requested server; throws `bad-usage` for conflicting flags. */
export function resolveServer(flags: ServerFlags): ServerKind | undefined {
  const isContainer = flags.server === true || flags.ecsServer === true;
  const isMetadata = flags.ec2Server === true || flags.imdsPort !== undefined;
  if (isContainer && isMetadata) {
    throw new VaultError(
      "bad-usage",
      "Cannot start two servers: drop --server, or --ec2-server and --imds-port",
    );
  }
  const kind = isContainer ? "container" : isMetadata ? "metadata" : undefined;
  refuseIdle(flags, kind);
  if (kind !== undefined) checkServed(flags);
  return kind;
}

/** Refuses a flag that has no effect, because it is a mistake. */
function refuseIdle(flags: ServerFlags, kind: ServerKind | undefined): void {
  for (const other of ["container", "metadata"] as const) {
    if (other === kind) continue;
    for (const [key, name] of Object.entries(FLAGS_OF[other])) {
      if (!isGiven(flags[key as keyof ServerFlags])) continue;
      throw new VaultError("bad-usage", `Cannot use ${name} without ${ASKED_BY[other]}`);
    }
  }
  if (kind === undefined && flags.lazy) {
    throw new VaultError("bad-usage", "Cannot use --lazy without --server");
  }
}

/** A negated flag (`--no-imds-v1`) counts as absent. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false;
}

function checkServed({ port, imdsPort, address, noSession, ...flags }: ServerFlags): void {
  for (const given of [port, imdsPort]) {
    if (given === undefined || given <= 65_535) continue;
    throw new VaultError("bad-usage", `Cannot listen on port ${given}: the highest port is 65535`);
  }
  if (address !== undefined) checkAddress(address, flags.iKnowWhatIExpose === true);
  if (noSession) {
    throw new VaultError(
      "bad-usage",
      "Cannot serve a long-term key: drop --server or --no-session",
    );
  }
}

/** Throws `bad-usage` for an address that is not numeric, since a name may lead elsewhere, or that exposes. */
export function checkAddress(address: string, isExposureKnown: boolean): void {
  if (!isIpAddress(address)) {
    throw new VaultError(
      "bad-usage",
      `Cannot listen on ${quote(address)}: write it as an IP address, such as 127.0.0.1`,
    );
  }
  if (isExposureKnown || isLoopback(address.includes(":") ? `[${address}]` : address)) return;
  const message =
    `Cannot listen on ${
      quote(address)
    }: programs on other machines or in containers can reach it, ` +
    "and the token and the credentials travel unencrypted";
  throw new VaultError("bad-usage", message, {
    hints: ["Drop --address, or add --i-know-what-i-expose"],
  });
}
