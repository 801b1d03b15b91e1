/** The record in the system's log, over the socket that `logger` writes to (`AWS_VAULT_LOG`). */

import type { Host } from "../host.ts";
import type { Use } from "./use.ts";

/** A system log. */
interface SystemLog {
  /** The paths where it may listen; the first that accepts the entry gets it. */
  readonly paths: readonly string[];
  render(use: Use, line: string): string;
}

const NAME = "aws-vault";
/** Severity "informational" of facility `authpriv`, which only root and its group read (RFC 5424, 6.2.1). */
const PRIORITY = 10 * 8 + 6;

/** The logs, by the variable's values. */
const SYSTEM_LOGS: Readonly<Record<string, SystemLog>> = {
  journald: { paths: ["/run/systemd/journal/socket"], render: renderEntry },
  syslog: { paths: ["/dev/log", "/var/run/syslog"], render: renderMessage },
};

/** Whether a value of the variable names a system log. */
export function isSystemLog(word: string): boolean {
  return Object.hasOwn(SYSTEM_LOGS, word);
}

/** Sends a use to a log; returns whether it was accepted. Never throws: there may be no such log here. */
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
 * The journal's native protocol (systemd: "Native Journal Protocol"): one field per line. JSON contains no
 * line break, and a profile's name with a line break is written as JSON, so that it cannot add a field.
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

/** The format of `syslog(3)` (RFC 3164, without the time: the daemon adds its own). */
function renderMessage({ pid }: Use, line: string): string {
  return `<${PRIORITY}>${NAME}[${pid}]: ${line}`;
}
