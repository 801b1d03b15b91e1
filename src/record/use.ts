/**
 * The record of uses: one line of JSON for each time that credentials were handed out, in the state folder
 * (docs/formats.md, "Record of uses"). CloudTrail says what a key did; this says which program of this
 * machine had it.
 */

import type { Host } from "../host.ts";
import { stateFolder } from "../state_folder.ts";

/** One handing out; never a secret. */
export interface Use {
  readonly time: string;
  readonly profile: string;
  readonly account?: string | undefined;
  /** The ARN of the role, where the credentials are a role's. */
  readonly role?: string | undefined;
  readonly accessKeyId: string;
  readonly expiration?: string | undefined;
  /** `cached`, or the calls that were made: `GetSessionToken, AssumeRole`. */
  readonly how: string;
  /** What was asked for: `exec`, `export`, … */
  readonly by: string;
  /** The grant of `serve` that was given them; what it was for knows who made it. */
  readonly grant?: string | undefined;
  /** The program that `exec` runs; with its arguments only where that was asked for. */
  readonly command?: readonly string[] | undefined;
  /** The program that started this one. */
  readonly program?: string | undefined;
  readonly pid: number;
  readonly uid: string;
  /** The coding agent that this runs under, where one shows itself. */
  readonly agent?: string | undefined;
  /** What the credentials are narrowed to: ARNs, and the text of an inline policy. */
  readonly policies?: readonly string[] | undefined;
  /** A person said yes to it, now or within the time for which that is remembered. */
  readonly confirmed?: true | undefined;
}

/** How many files from before are kept. */
export const KEPT_FILES = 5;

/** The path of the record, or `undefined` where there is no state folder. */
export function recordPath(host: Pick<Host, "env" | "platform">): string | undefined {
  const folder = stateFolder(host);
  return folder === undefined ? undefined : `${folder}/uses.jsonl`;
}
