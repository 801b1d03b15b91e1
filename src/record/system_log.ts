/** The record in the system's own log, by the socket that `logger` writes to (`AWS_VAULT_LOG`). */

import type { Host } from "../host.ts";
import type { Use } from "./use.ts";

/** A log of the system. */
interface SystemLog {
  /** Where it listens; the first that takes it has it. */
  readonly paths: readonly string[];
  render(use: Use, line: string): string;
}

const NAME = "aws-vault";
/** Severity "informational" of facility `authpriv`, which only root and its group read (RFC 5424, 6.2.1). */
const PRIORITY = 10 * 8 + 6;

/** The logs by the values of the variable. */
const SYSTEM_LOGS: Readonly<Record<string, SystemLog>> = {
  journald: { paths: ["/run/systemd/journal/socket"], render: renderEntry },
  syslog: { paths: ["/dev/log", "/var/run/syslog"], render: renderMessage },
};

/** Whether a value of the variable names a log of the system. */
export function isSystemLog(word: string): boolean {
  return Object.hasOwn(SYSTEM_LOGS, word);
}

/** Sends a use to a log; says whether it was taken. Throws nothing: there may be no such log here. */
export async function sendToLog(
  { sockets }: Pick<Host, "sockets">,
  word: string,
  use: Use,
): Promise<boolean> {
  const { paths, render } = SYSTEM_LOGS[word]!;
  const bytes = new TextEncoder().encode(render(use, JSON.stringify(use)));
  for (const path of paths) {
    if (await sockets.send(path, bytes)) return true;
  }
  return false;
}

/**
 * The journal's native protocol (systemd: "Native Journal Protocol"): a field a line. JSON has no line break in
 * it, and a profile's name is written as JSON where it has one, so that nobody adds a field by it.
 */
function renderEntry({ profile, accessKeyId }: Use, line: string): string {
  const fields = {
    MESSAGE: line,
    PRIORITY: PRIORITY % 8,
    SYSLOG_FACILITY: Math.floor(PRIORITY / 8),
    SYSLOG_IDENTIFIER: NAME,
    AWS_VAULT_PROFILE: oneLine(profile),
    AWS_VAULT_ACCESS_KEY_ID: oneLine(accessKeyId),
  };
  return Object.entries(fields).map(([name, value]) => `${name}=${value}\n`).join("");
}

function oneLine(text: string): string {
  return text.includes("\n") ? JSON.stringify(text) : text;
}

/** As `syslog(3)` writes it (RFC 3164, without the time: the daemon has its own). */
function renderMessage({ pid }: Use, line: string): string {
  return `<${PRIORITY}>${NAME}[${pid}]: ${line}`;
}
