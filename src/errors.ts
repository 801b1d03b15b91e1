/**
 * The errors of the program: a closed set of codes, and one mapping from code to exit code.
 *
 * A message says what failed and on what, in one sentence without a full stop, with names quoted:
 * `Cannot remove "work": no credentials are stored for it`. The hints say what to do next.
 */

/**
 * Every kind of failure that the program distinguishes, with the exit code that scripts may rely
 * on.
 */
export const EXIT_CODES = {
  /** A bug of ours, or a failure nobody foresaw. */
  internal: 1,
  /** A configuration file that cannot be understood; the message names file and line. */
  "bad-config": 1,
  /** A file or folder that cannot be read or written. */
  "file-failed": 1,
  /** A link, pipe or device is in the place of a file of ours: the operation could reach another file. */
  "unsafe-file": 1,
  /** The chosen keystore is not on this machine, or does not answer. */
  "keyring-unavailable": 1,
  /** The keystore answered with a failure. */
  "keyring-failed": 1,
  /** The passphrase does not open the file store. */
  "wrong-passphrase": 1,
  /** A stored item that cannot be understood; it is left in place. */
  "damaged-item": 1,
  /** AWS could not be reached, or its answer could not be read. */
  network: 1,
  /** Something prevents the requested change: nothing was changed. */
  conflict: 1,
  /** The person forbids it, by a setting of the profile or by answering no. */
  refused: 1,
  /** A `credential_process`, `mfa_process` or other helper program failed. */
  "helper-failed": 1,
  /** No `aws-vault serve` of this user runs. */
  "no-server": 1,
  /** The request is not possible on this machine or in this build. */
  unsupported: 1,
  /** A flag, argument or environment variable that cannot be understood. */
  "bad-usage": 2,
  /** The profile is neither configured nor stored. */
  "no-profile": 3,
  /** Credentials are needed, but none are stored. */
  "no-credentials": 3,
  /** A person is needed (for a code, a passphrase, a decision), but nobody can be asked. */
  "needs-person": 4,
  /** The keystore is locked and nobody can unlock it. */
  "keyring-locked": 4,
  /** Another process holds what this one needs, for longer than it may wait. */
  "wait-timeout": 4,
  /** AWS refused the request. */
  "aws-refused": 5,
  /** The command to run exists but cannot be started. */
  "command-not-executable": 126,
  /** The command to run does not exist. */
  "command-not-found": 127,
  /** The person pressed Ctrl-C, or dismissed a prompt. */
  interrupted: 130,
} as const;

/** The code of a failure. */
export type ErrorCode = keyof typeof EXIT_CODES;

/** What accompanies the message of a {@linkcode VaultError}. */
export interface VaultErrorOptions {
  /** What the person can do about it, one sentence a hint, most useful first. */
  hints?: readonly string[] | undefined;
  /** The error that led to this one. */
  cause?: unknown;
}

/** A failure that is reported to the person: a code, a message, and hints that say what to do. */
export class VaultError extends Error {
  override readonly name: string = "VaultError";
  readonly code: ErrorCode;
  readonly hints: readonly string[];

  constructor(code: ErrorCode, message: string, options: VaultErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hints = options.hints ?? [];
  }

  /** The exit code of a process that ends with this error, 1 to 130. */
  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}

/** A store needs a passphrase from this process itself; another process cannot always give it. */
export class PassphraseNeeded extends VaultError {
  override readonly name: string = "PassphraseNeeded";
  /** For a process that asks nobody: how to start it instead, as a hint. */
  readonly remedy: string;

  constructor(message: string, { remedy, hints }: { remedy: string; hints: readonly string[] }) {
    super("needs-person", message, { hints });
    this.remedy = remedy;
  }
}

/** A refusal by an AWS service, with the service's own words. */
export class AwsError extends VaultError {
  override readonly name: string = "AwsError";
  /** AWS's error code, such as `AccessDenied`. */
  readonly awsCode: string;
  /** AWS's message, as it came: escape it before it is shown. */
  readonly awsMessage: string;
  /** The HTTP status of the answer. */
  readonly status: number;
  /** AWS's request ID, empty if the answer had none. */
  readonly requestId: string;

  constructor(
    message: string,
    aws: { awsCode: string; awsMessage: string; status: number; requestId: string },
    options: VaultErrorOptions = {},
  ) {
    super("aws-refused", message, options);
    this.awsCode = aws.awsCode;
    this.awsMessage = aws.awsMessage;
    this.status = aws.status;
    this.requestId = aws.requestId;
  }
}

/** Whether an unknown thrown value is a {@linkcode VaultError} with the code, or any of several. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is VaultError {
  return error instanceof VaultError && codes.includes(error.code);
}

/** The result of an action; `undefined` if a file or folder makes it fail, for actions that are optional. */
export function unlessFileFails<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (hasCode(error, "file-failed")) return undefined;
    throw error;
  }
}
