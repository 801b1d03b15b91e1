/**
 * What a source of credentials is: where a chain of profiles starts.
 *
 * A source is one row of the table in `sources/mod.ts` and one file beside it. The plan, the cache, the
 * walk, `explain`, `list`, completion and the inheritance of settings ask the row and never for a source by
 * its kind, so that a new source is a file, a row and a line of its contract test.
 *
 * The rules that every source keeps:
 *
 * - `settings` names every setting that makes a profile start there. None of them is inherited from
 *   `[default]`: a profile that is meant to have its own key would silently become somebody else.
 * - `fingerprint` covers all that the result depends on: each setting and the identity behind it. Two
 *   requests with one fingerprint share one cache row, so whatever it leaves out is a way to get
 *   another's credentials. A source that cannot say what it depends on gives `undefined`: then neither
 *   its credentials nor those that are obtained with them are cached.
 * - `fingerprint` and `obtain` of one {@linkcode OpenSource} speak of the same thing. What can change
 *   between the two calls (a token file that another job replaces) is read once, when it is opened.
 * - Nothing is asked of a person or of the network before `obtain` (but of a service of this machine
 *   itself, where only that knows whose credentials they are), and nothing but types and cheap checks is
 *   loaded before it: a cached call imports every row.
 */

import type { CanonicalValue } from "../cache/canonical.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import type { Profile } from "../config/profile.ts";
import type { Credentials } from "../credentials.ts";
import type { Host } from "../host.ts";
import type { Keyring } from "../keyring.ts";
import type { WaitBudget } from "../lock.ts";
import type { SessionPolicies } from "../session_policies.ts";
import type { SignInOptions } from "../sign_in.ts";
import type { TalkingHost } from "../talk.ts";

/** What obtaining credentials may use; keyring and cache are opened on first use. */
export interface ObtainDeps {
  readonly host: TalkingHost;
  readonly keyring: () => Promise<Keyring>;
  readonly cache: () => Promise<SessionCache>;
  /** How a person may be asked to sign in; absent: not at all. */
  readonly signIn?: SignInOptions | undefined;
}

/** What a row may look at to decide whether it matches. */
export interface MatchDeps {
  /** Whether a long-term key is stored under a name; reads no secret. */
  readonly hasKey: (name: string) => Promise<boolean>;
  readonly host: Pick<Host, "env" | "platform" | "files">;
}

/** What a source's own request asks besides the settings of its profile. */
export interface SourceRequest {
  /** What its credentials are narrowed to. */
  readonly policies?: SessionPolicies | undefined;
  /** The agent whose name the session carries. */
  readonly agent?: string | undefined;
}

/** One row of the table of sources. */
export interface CredentialSource {
  /** Names the source in the cache, in `list` and in JSON: AWS's name of the call or of the setting. */
  readonly kind: string;
  /** The settings that make a profile start there. */
  readonly settings: readonly string[];
  /**
   * Whether a call signed with its credentials can show an MFA device. A user's credentials can, the
   * session of a role cannot (IAM: "MFA-protected API access").
   */
  readonly canShowMfa: boolean;
  /** Whether the `role_arn` of the profile is part of its own request, and no AssumeRole of its own follows. */
  readonly takesRole: boolean;
  /** Whether its credentials are a role's, of which the `role_arn` of the profile says nothing. */
  readonly givesRole?: true;
  /** The settings that name a program which is run to obtain its credentials. */
  readonly helpers?: readonly string[];
  /** The settings that name a file from which its credentials are obtained, and which `doctor` looks for. */
  readonly tokenFiles?: readonly string[];
  /**
   * Whether it gives a long-term key without a {@linkcode CredentialSource.keyName}, which can call
   * GetSessionToken and is never itself cached.
   */
  readonly givesLongTermKey?: true;
  /**
   * Whether its own request takes session policies, and keeps all of a {@linkcode SourceRequest} that it has a
   * place for; absent: it
   * does not, and its credentials are refused where they have to be narrowed.
   */
  readonly takesPolicies?: boolean;
  /** Whether the session that its own request makes can carry the name of an agent; absent: it cannot. */
  readonly namesAgent?: boolean;
  /**
   * The keyring item that a profile's long-term key is in; absent for a source of anything else.
   *
   * Such a key starts a chain wherever it stands, can call GetSessionToken, can be rotated, and is
   * never itself cached.
   */
  keyName?(profile: Profile): string;
  /** Whether the chain starts at this profile, which has none of the sources before in the table. */
  matches(profile: Profile, deps: MatchDeps): boolean | Promise<boolean>;
  /**
   * Why a profile that has its settings does not match anyway, as a clause; `undefined` where that needs
   * no word.
   */
  whyNot?(profile: Profile, deps: MatchDeps): Promise<string | undefined>;
  /**
   * Throws `bad-config` or `unsupported` for settings that cannot lead to credentials; `chain` has the
   * profiles that the credentials are for, the one asked for first.
   */
  check?(profile: Profile, chain: readonly Profile[]): void;
  /** What it is, for `explain`: completes the sentence `The profile starts with …`. */
  describe(profile: Profile): string;
  /** For how long its own request asks, in seconds; absent where it cannot be asked for. */
  durationSeconds?(profile: Profile): number;
  /**
   * Whether its own credentials are obtained without a person, except for a keystore that is locked; absent
   * where that is not known, as for a program.
   */
  asksNobody?(profile: Profile): boolean;
  /**
   * Whether a person is asked, as a sentence for `explain`; `undefined` where that cannot be seen without
   * asking a person or the network. The keyring of `deps` asks nobody.
   */
  describePerson?(
    deps: Pick<ObtainDeps, "host" | "cache">,
    profile: Profile,
  ): Promise<string | undefined>;
  /**
   * When what it starts from ends by itself, such as a certificate; `undefined` where that cannot be seen
   * without asking a person or the network. The keyring of `deps` asks nobody.
   */
  end?(
    deps: Pick<ObtainDeps, "host" | "keyring" | "cache">,
    profile: Profile,
  ): Promise<SourceEnd | undefined>;
  open(
    deps: ObtainDeps,
    profile: Profile,
    request?: SourceRequest,
  ): OpenSource | Promise<OpenSource>;
}

/** That what a profile starts with ends by itself. */
export interface SourceEnd {
  /** What ends, as a noun: `certificate`. */
  readonly what: string;
  readonly at: Temporal.Instant;
}

/** A source of one profile at one moment. */
export interface OpenSource {
  /** All that the credentials depend on, or `undefined` where that is not known: not cached. */
  fingerprint(): CanonicalValue | undefined | Promise<CanonicalValue | undefined>;
  /**
   * Throws {@linkcode SourceChanged} where the fingerprint is another by now: it is opened again then.
   * `budget` is what is left of the run's patience with other processes, for a source that waits for them.
   * `minTtlSeconds` is how long they have to live, for a source that keeps them itself.
   */
  obtain(budget?: WaitBudget, minTtlSeconds?: number): Promise<Credentials>;
  /** Says what its user has to know although nothing was obtained: that what it starts from ends soon. */
  remind?(): void | Promise<void>;
}

/** What a fingerprint was taken of has changed: somebody signed in since, perhaps somebody else. */
export class SourceChanged extends Error {
  override readonly name = "SourceChanged";
}

/** The settings of all sources: see {@linkcode CredentialSource.settings}. */
export function sourceSettings(sources: readonly CredentialSource[]): string[] {
  return sources.flatMap(({ settings }) => settings);
}
