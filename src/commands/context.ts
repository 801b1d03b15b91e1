/** What every command may ask for: the world, and the costly things, opened on first use. */

import type {
  ActAlone,
  BackendState,
  NewPassphraseSource,
  Unlocked,
  UnlockRequest,
} from "../backend.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import type { ConfigFile } from "../config/profile.ts";
import type { CredentialSource } from "../credentials/source.ts";
import type { Finding } from "../finding.ts";
import type { Host } from "../host.ts";
import type { Keyring } from "../keyring.ts";
import type { TalkingHost } from "../talk.ts";

/** The program's own flags that every command takes; back ends declare more. */
export interface GlobalFlags {
  readonly debug?: boolean | undefined;
  readonly backend?: string | undefined;
  readonly prompt?: string | undefined;
  readonly noPrompt?: boolean | undefined;
  readonly wait?: number | undefined;
}

/** The flags of commands that plan how credentials are obtained. */
export interface PlanFlags extends GlobalFlags {
  /** In seconds. */
  readonly duration?: number | undefined;
  readonly noSession?: boolean | undefined;
  readonly region?: string | undefined;
}

/** The flags that narrow credentials. */
export interface NarrowingFlags {
  readonly readOnly?: boolean | undefined;
  readonly policyArn?: readonly string[] | undefined;
  /** JSON, or the path of a file. */
  readonly policy?: string | undefined;
  readonly denyRoleChaining?: boolean | undefined;
}

/** The flags of commands for which a person may have to sign in. */
export interface SignInFlags extends GlobalFlags {
  readonly noBrowser?: boolean | undefined;
  /** The same as `noBrowser`, as in aws-vault 7. */
  readonly stdout?: boolean | undefined;
  readonly browser?: string | undefined;
  readonly ssoDeviceCode?: boolean | undefined;
  readonly remote?: boolean | undefined;
  readonly ssoCache?: boolean | undefined;
}

/** The flags of commands that obtain credentials. */
export interface CredentialFlags extends PlanFlags, SignInFlags {
  readonly mfaToken?: string | undefined;
  readonly noCache?: boolean | undefined;
}

/** One run of a command. */
export interface Invocation {
  readonly host: TalkingHost;
  readonly flags: GlobalFlags;
  /** Whether a person may be asked at all (`--no-prompt` forbids it). */
  readonly mayPrompt: boolean;
  /** The table of sources of credentials. */
  readonly sources: readonly CredentialSource[];
  /** The config file, read once. */
  config(): ConfigFile;
  keyring(): Promise<Keyring>;
  /** The same keyring, which asks nobody: where a person is needed it throws `needs-person` or `keyring-locked`. */
  quietKeyring(): Promise<Keyring>;
  cache(): Promise<SessionCache>;
  /** A keyring of a certain back end, for moving keys between two; closed with the invocation. */
  openBackend(name: string): Promise<Keyring>;
  /**
   * Gives the keyring's store another passphrase, the change itself by way of `alone`; throws
   * `unsupported` where it has none of its own.
   */
  changePassphrase(source: NewPassphraseSource, alone: ActAlone): Promise<number>;
  /** Forgets what stays unlocked in this login session, of all back ends, and says how many items that were. */
  lock(): Promise<number>;
  /**
   * Unlocks the keyring's store in this login session for so many seconds, by default as long as any
   * use does; throws `unsupported` where that is not ours to do.
   */
  unlock(request: UnlockRequest): Promise<Unlocked>;
  /** All back ends for this platform, and which of them is used. */
  surveyBackends(): Promise<readonly BackendState[]>;
  /** What the back end of the keyring finds wrong in its own store, for `doctor`. */
  examineStore(): Promise<readonly Finding[]>;
  /** The names of the environment variables that are this program's own. */
  ownVariables(): Promise<readonly string[]>;
  /** Takes from the child of `exec`, which starts next, what stays unlocked except for cached sessions. */
  shutOutChild(): Promise<void>;
  /** Lets go of everything that was opened; what is asked for afterwards is opened again. */
  close(): Promise<void>;
}

/** What stricli binds to `this` of a command. */
export interface CommandContext {
  readonly process: Pick<Host, "stdout" | "stderr">;
  /** The whole command line, as it was given. */
  readonly words: readonly string[];
  /** The words after the first ` -- `, which belong to the child of `exec`. */
  readonly childWords: readonly string[] | undefined;
  /** Starts the run, once the flags are known; `isQuiet`: a success writes no notes but to a terminal. */
  open(flags: GlobalFlags, options?: { readonly isQuiet?: boolean }): Invocation;
  /**
   * Starts another run beside it, which its caller closes: a server starts many. It has no terminal and
   * says nothing, unless with `--debug`.
   */
  openAside(flags: GlobalFlags): Invocation;
  /** The exit code, where it is not 0 and no error says so (`exec`'s child). */
  exitWith(code: number): void;
}
