/** The address of EC2's metadata service, held by another process of this program, with sudo. */

import { VaultError } from "../errors.ts";
import { type Companion, ProgramFailure } from "../host.ts";
import type { TalkingHost } from "../talk.ts";
import { quote } from "../text.ts";
import { READY } from "./proxy.ts";

/** The address that every SDK uses (EC2 User Guide, "Instance metadata and user data"). */
export const METADATA_ADDRESS = "169.254.169.254";

/** Another address works for most programs, and needs no extra rights. */
const OTHERWISE = "Use --imds-port 0, which does not need root, or --server";

/**
 * Forwards connections from the address to a port, until it is closed. Throws `conflict` if another
 * program has the address, and `unsupported` if there is no sudo.
 */
export async function openMetadataAddress(
  host: TalkingHost,
  port: number,
  { mayAsk }: { mayAsk: boolean },
): Promise<{ close(): Promise<void> }> {
  const companion = await start(host, port, mayAsk);
  if (companion.line !== READY) throw await explainEnd(companion);
  void companion.ended.then(({ code, isClosed }) => {
    if (isClosed) return;
    host.talk.warn(
      `Nothing is served at ${METADATA_ADDRESS} any longer: the proxy exited with code ${code}`,
    );
  });
  return companion;
}

async function start(host: TalkingHost, port: number, mayAsk: boolean): Promise<Companion> {
  try {
    return await host.companions.start(wordsBefore(host, mayAsk), ["proxy", "--port", `${port}`]);
  } catch (error) {
    if (!(error instanceof ProgramFailure)) throw error;
    throw new VaultError("helper-failed", error.message, { hints: [OTHERWISE], cause: error });
  }
}

/** sudo asks for a password at the terminal; root needs no sudo. */
function wordsBefore({ platform, programs }: TalkingHost, mayAsk: boolean): string[] {
  if (platform.user === "0") return [];
  const sudo = programs.find("sudo");
  if (sudo !== undefined) return [sudo, ...mayAsk ? [] : ["-n"], "--"];
  throw new VaultError(
    "unsupported",
    `Cannot serve at ${quote(METADATA_ADDRESS)}: it needs root, and there is no sudo`,
    { hints: [OTHERWISE] },
  );
}

async function explainEnd({ line, ended }: Companion): Promise<VaultError> {
  const { code } = await ended;
  const { message, hints = [] } = parseFailure(line);
  const why = message ??
    `Cannot serve at ${quote(METADATA_ADDRESS)}: sudo exited with code ${code}`;
  return new VaultError("conflict", why, { hints: hints.length > 0 ? hints : [OTHERWISE] });
}

function parseFailure(line = ""): { message?: string; hints?: readonly string[] } {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
