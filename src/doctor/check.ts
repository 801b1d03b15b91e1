/**
 * What a check of `doctor` is: a row of the table in `checks.ts`, and one file for each subject.
 *
 * A check looks and changes nothing; what it would do is in the `fix` of a finding. It asks nobody. A step
 * that throws is itself a finding, so that the others still run.
 */

import type { BackendState } from "../backend.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import type { ConfigFile } from "../config/profile.ts";
import type { CredentialSource } from "../credentials/source.ts";
import type { Finding } from "../finding.ts";
import type { Keyring } from "../keyring.ts";
import type { TalkingHost } from "../talk.ts";

/** What the checks look at. */
export interface Scene {
  readonly host: TalkingHost;
  readonly sources: readonly CredentialSource[];
  /** The profile that was asked for; absent: all. */
  readonly profile: string | undefined;
  /** Whether nothing may be asked of the network. */
  readonly isOffline: boolean;
  /** The names of the environment variables that are this program's own. */
  readonly variables: readonly string[];
  /** Throws `bad-config` where the file cannot be read. */
  config(): ConfigFile;
  /** The keyring, which asks nobody. */
  quietKeyring(): Promise<Keyring>;
  cache(): Promise<SessionCache>;
  /** All back ends for this platform. */
  surveyBackends(): Promise<readonly BackendState[]>;
  /** What the chosen back end has found in its own store. */
  examineStore(): Promise<readonly Finding[]>;
}

/** A part of a check. */
export type Step = (scene: Scene) => readonly Finding[] | Promise<readonly Finding[]>;

/** One check. */
export interface Check {
  /** The id of the finding where the check itself cannot be made. */
  readonly id: string;
  /** What it looks at, the subject of that finding. */
  readonly subject: string;
  /** Each is taken by itself: where one throws, the findings of the others stay. */
  readonly steps: readonly Step[];
}
