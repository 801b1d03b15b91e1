/**
 * The record of uses: one line of JSON each time that credentials were handed out, in the state folder
 * (docs/formats.md, "Record of uses"). CloudTrail records what a key did; this records which program on this
 * machine had it.
 */

import type { Host } from "../host.ts";
import { stateFolder } from "../state_folder.ts";

/** One use; never contains a secret. */
export interface Use {
  readonly time: string;
  readonly profile: string;
  readonly account?: string | undefined;
  /** The ARN of the role, if the credentials are a role's. */
  readonly role?: string | undefined;
  readonly accessKeyId: string;
  readonly expiration?: string | undefined;
  /** `cached`, or the calls that were made: `GetSessionToken, AssumeRole`. */
  readonly how: string;
  /** The command: `exec`, `export`, … */
  readonly by: string;
  /** The grant of `serve` that received the credentials; only its maker knows its purpose. */
  readonly grant?: string | undefined;
  /** The program that `exec` runs; with its arguments only on request. */
  readonly command?: readonly string[] | undefined;
  /** The program that started this one. */
  readonly program?: string | undefined;
  readonly pid: number;
  readonly uid: string;
  /** The coding agent that this runs under, if it identifies itself. */
  readonly agent?: string | undefined;
  /** The policies that limit the credentials: ARNs, and the text of an inline policy. */
  readonly policies?: readonly string[] | undefined;
  /** A person confirmed the use, now or within the time for which a yes is remembered. */
  readonly confirmed?: true | undefined;
}

/** The number of earlier files that are kept. */
export const KEPT_FILES = 5;

/** The path of the record, or `undefined` if there is no state folder. */
export function recordPath(host: Pick<Host, "env" | "platform">): string | undefined {
  const folder = stateFolder(host);
  return folder === undefined ? undefined : `${folder}/uses.jsonl`;
}
