/** The parts that every command can use: the host, and costly resources that open on first use. */

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

/** The program's own flags of every command; back ends declare more. */
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

/** The flags that limit credentials. */
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
  /** Why not, if not because of `--no-prompt`: completes `Cannot ask for the MFA code: …`. */
  readonly whyUnasked?: string | undefined;
  /** The table of sources of credentials. */
  readonly sources: readonly CredentialSource[];
  /** The config file, read once. */
  config(): ConfigFile;
  keyring(): Promise<Keyring>;
  /** The same keyring, without asking anybody: it throws `needs-person` or `keyring-locked` instead. */
  quietKeyring(): Promise<Keyring>;
  cache(): Promise<SessionCache>;
  /** Reads the descriptors that flags name, for a server, which needs them for each renewal. */
  keepDescriptors(): void;
  /** A keyring of a given back end, for moving keys between two; closed with the invocation. */
  openBackend(name: string): Promise<Keyring>;
  /**
   * Changes the passphrase of the keyring's store; `alone` runs the change itself. Throws
   * `unsupported` if the store has no passphrase of its own.
   */
  changePassphrase(source: NewPassphraseSource, alone: ActAlone): Promise<number>;
  /** Forgets what stays unlocked in this login session, of all back ends; returns the number of items. */
  lock(): Promise<number>;
  /**
   * Unlocks the keyring's store in this login session for a number of seconds, by default as long as
   * any use does; throws `unsupported` if this program cannot do that.
   */
  unlock(request: UnlockRequest): Promise<Unlocked>;
  /** All back ends for this platform, and which one is used. */
  surveyBackends(): Promise<readonly BackendState[]>;
  /** The findings of the keyring's back end about its own store, for `doctor`. */
  examineStore(): Promise<readonly Finding[]>;
  /** The names of this program's environment variables. */
  ownVariables(): Promise<readonly string[]>;
  /** Hides what stays unlocked, except cached sessions, from the child of `exec` that starts next. */
  shutOutChild(): Promise<void>;
  /** Closes everything that was opened; later uses open it again. */
  close(): Promise<void>;
}

/** The value of `this` in a command, bound by stricli. */
export interface CommandContext {
  readonly process: Pick<Host, "stdout" | "stderr">;
  /** The whole command line, unchanged. */
  readonly words: readonly string[];
  /** The words after the first ` -- `, which belong to the child of `exec`. */
  readonly childWords: readonly string[] | undefined;
  /** Starts the invocation, once the flags are known; `isQuiet`: a success writes notes only to a terminal. */
  open(flags: GlobalFlags, options?: { readonly isQuiet?: boolean }): Invocation;
  /** Has the commands of a text name the keystore that the flags named, so that they work as printed. */
  nameStore(text: string): string;
  /**
   * Starts another invocation beside it, which the caller closes: a server starts many. It has no terminal
   * and prints nothing, except with `--debug`.
   */
  openAside(flags: GlobalFlags, whyUnasked?: string): Invocation;
  /** Sets an exit code other than 0 that no error stands for (`exec`'s child). */
  exitWith(code: number): void;
}
