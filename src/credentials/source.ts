/**
 * What a source of credentials is: where a chain of profiles starts.
 *
 * A source is one row of the table in `sources/mod.ts` and one file beside it. The plan, the cache, the
 * walk, `explain`, `list`, completion and the inheritance of settings use the row and never check
 * for a source by its kind, so that a new source is a file, a row and a line of its contract test.
 *
 * The rules for every source:
 *
 * - `settings` names every setting that makes a profile start there. None of them is inherited from
 *   `[default]`: a profile that is meant to have its own key would silently become somebody else.
 * - `fingerprint` covers all that the result depends on: each setting and the identity behind it. Two
 *   requests with one fingerprint share one cache row, so anything missing is a way to get another's
 *   credentials. For a source with unknown dependencies it is `undefined`: then neither its credentials
 *   nor those obtained with them are cached.
 * - `fingerprint` and `obtain` of one {@linkcode OpenSource} refer to the same input. What can change
 *   between the two calls (a token file that another job replaces) is read once, when it is opened.
 * - Neither a person nor the network is asked before `obtain` (except a service of this machine, if
 *   only that knows whose credentials they are), and only types and cheap checks are loaded before it:
 *   a cached call imports every row.
 */

import type { CanonicalValue } from "../cache/canonical.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import type { Profile } from "../config/profile.ts";
import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
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

/** What a row may use to decide whether it matches. */
export interface MatchDeps {
  /** Whether a long-term key is stored under a name; reads no secret. */
  readonly hasKey: (name: string) => Promise<boolean>;
  readonly host: Pick<Host, "env" | "platform" | "files">;
}

/** Additions to a source's own request, besides the settings of its profile. */
export interface SourceRequest {
  /** The policies that narrow its credentials. */
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
  /** Whether its own request takes the `role_arn` of the profile, so that no separate AssumeRole follows. */
  readonly takesRole: boolean;
  /** Whether its credentials are a role's, independent of the `role_arn` of the profile. */
  readonly givesRole?: true;
  /** The settings that name a program which is run to obtain its credentials. */
  readonly helpers?: readonly string[];
  /** The settings that name a file with input for its credentials; `doctor` checks that it exists. */
  readonly tokenFiles?: readonly string[];
  /**
   * Whether it gives a long-term key without a {@linkcode CredentialSource.keyName}, which can call
   * GetSessionToken and is never itself cached.
   */
  readonly givesLongTermKey?: true;
  /**
   * Whether its own request accepts session policies and uses every supported part of a
   * {@linkcode SourceRequest}; absent: it does not, and its credentials are refused if they have to
   * be narrowed.
   */
  readonly takesPolicies?: boolean;
  /** Whether the session of its own request can carry the name of an agent; absent: it cannot. */
  readonly namesAgent?: boolean;
  /**
   * The keyring item with a profile's long-term key; absent for all other sources.
   *
   * Such a key starts a chain at any profile, can call GetSessionToken, can be rotated, and is
   * never itself cached.
   */
  keyName?(profile: Profile): string;
  /** Whether the chain starts at this profile; the sources before it in the table do not match. */
  matches(profile: Profile, deps: MatchDeps): boolean | Promise<boolean>;
  /**
   * Why a profile with its settings does not match anyway, as a clause; `undefined` if no
   * explanation is needed.
   */
  whyNot?(profile: Profile, deps: MatchDeps): Promise<string | undefined>;
  /**
   * Throws `bad-config` or `unsupported` for settings that cannot lead to credentials; `chain` has
   * the profiles that the credentials are for, the requested one first.
   */
  check?(profile: Profile, chain: readonly Profile[]): void;
  /** A description for `explain`: completes the sentence `The profile starts with …`. */
  describe(profile: Profile): string;
  /** The duration that its own request asks for, in seconds; absent if it cannot be requested. */
  durationSeconds?(profile: Profile): number;
  /**
   * Whether its own credentials are obtained without a person, except for a locked keystore; absent
   * if unknown, as for a program.
   */
  asksNobody?(profile: Profile): boolean;
  /**
   * Whether a person is asked, as a sentence for `explain`; `undefined` if it cannot be known
   * without asking a person or the network. The keyring of `deps` asks nobody.
   */
  describePerson?(
    deps: Pick<ObtainDeps, "host" | "cache">,
    profile: Profile,
  ): Promise<string | undefined>;
  /**
   * When what it starts from, such as a certificate, expires; `undefined` if it cannot be known
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

/** An expiration of what a profile starts from. */
export interface SourceEnd {
  /** What expires, as a noun: `certificate`. */
  readonly what: string;
  readonly at: Temporal.Instant;
}

/** A source of one profile at one moment. */
export interface OpenSource {
  /** All that the credentials depend on, or `undefined` if unknown: then they are not cached. */
  fingerprint(): CanonicalValue | undefined | Promise<CanonicalValue | undefined>;
  /**
   * Throws {@linkcode SourceChanged} if the fingerprint has changed by then: the source is opened
   * again. `budget` is the time left to wait for other processes, for a source that waits for them.
   * `minTtlSeconds` is the lifetime they must have left, for a source that keeps them itself.
   */
  obtain(budget?: WaitBudget, minTtlSeconds?: number): Promise<Credentials>;
  /** Notes what a person has to know even if nothing was obtained: that what it starts from ends soon. */
  remind?(): void | Promise<void>;
}

/** The fingerprint is outdated: somebody has signed in since, perhaps somebody else. */
export class SourceChanged extends VaultError {
  override readonly name = "SourceChanged";

  constructor() {
    super(
      "conflict",
      "Cannot obtain the credentials: what they start with changes again and again",
      {
        hints: [
          "If nobody else signs in or replaces it now, the logins that AWS gives end at once",
        ],
      },
    );
  }
}

/** The settings of all sources: see {@linkcode CredentialSource.settings}. */
export function sourceSettings(sources: readonly CredentialSource[]): string[] {
  return sources.flatMap(({ settings }) => settings);
}
