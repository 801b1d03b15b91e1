/**
 * A check of `doctor`: a row of the table in `checks.ts`, with one file for each subject.
 *
 * A check changes nothing; what it would change is in the `fix` of a finding. It asks nobody. A step
 * that throws is itself a finding, so that the others still run.
 */

import type { BackendState } from "../backend.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import type { ConfigFile } from "../config/profile.ts";
import type { CredentialSource } from "../credentials/source.ts";
import type { Finding } from "../finding.ts";
import type { Keyring } from "../keyring.ts";
import type { TalkingHost } from "../talk.ts";

/** What the checks examine. */
export interface Scene {
  readonly host: TalkingHost;
  readonly sources: readonly CredentialSource[];
  /** The named profile; absent: all profiles. */
  readonly profile: string | undefined;
  /** Whether checks must not use the network. */
  readonly isOffline: boolean;
  /** The names of this program's environment variables. */
  readonly variables: readonly string[];
  /** Throws `bad-config` if the file cannot be read. */
  config(): ConfigFile;
  /** The keyring, without asking anybody. */
  quietKeyring(): Promise<Keyring>;
  cache(): Promise<SessionCache>;
  /** All back ends for this platform. */
  surveyBackends(): Promise<readonly BackendState[]>;
  /** The findings of the chosen back end about its own store. */
  examineStore(): Promise<readonly Finding[]>;
}

/** A part of a check. */
export type Step = (scene: Scene) => readonly Finding[] | Promise<readonly Finding[]>;

/** One check. */
export interface Check {
  /** The ID of the finding for a check that fails to run. */
  readonly id: string;
  /** The subject of the check, and of that finding. */
  readonly subject: string;
  /** The steps run independently: if one throws, the findings of the others remain. */
  readonly steps: readonly Step[];
}
