/** The sources of a passphrase that need no person: a descriptor, a command, the environment. */

import { hasCode, VaultError } from "../../src/errors.ts";
import { renderHelperEnvironment } from "../../src/helper_environment.ts";
import { type Host, ProgramFailure } from "../../src/host.ts";
import { Secret } from "../../src/secret.ts";
import { splitCommand, UnfinishedCommand } from "../../src/split_command.ts";
import { asClause, quote } from "../../src/text.ts";
import { PASSPHRASE_VARIABLE, type PassphraseSource } from "./passphrase_ready.ts";

export { PASSPHRASE_VARIABLE, type PassphraseSource };

/** A command may have to ask a person, and the SDKs wait a minute for the whole invocation. */
const COMMAND_TIMEOUT_MS = 50_000;
/** What obtaining a passphrase touches. */
export type PassphraseDeps = Pick<Host, "files" | "env" | "terminal" | "programs" | "platform">;

/** A passphrase, and where it came from. */
export interface Passphrase {
  readonly secret: Secret;
  /** Whether a person typed it, and so may have mistyped it. */
  readonly typed: boolean;
  /** For messages, such as `AWS_VAULT_FILE_PASSPHRASE`. */
  readonly from: string;
}

/**
 * The passphrase that a flag gives, or `undefined` without such a flag; `kind` is for messages
 * only.
 */
export async function flagPassphrase(
  deps: PassphraseDeps,
  source: PassphraseSource,
  kind: "" | "new-" = "",
): Promise<Passphrase | undefined> {
  if (source.descriptor !== undefined) {
    const text = readDescriptor(deps, source.descriptor);
    return given(text, `--${kind}passphrase-fd ${source.descriptor}`);
  }
  if (source.command !== undefined) {
    return given(await readCommand(deps, source.command), `--${kind}passphrase-command`);
  }
  return undefined;
}

function readDescriptor(deps: PassphraseDeps, descriptor: number): string {
  const text = withoutLineEnd(new TextDecoder().decode(bytesOf(deps, descriptor)));
  if (text !== "") return text;
  throw new VaultError(
    "bad-usage",
    `Cannot take the passphrase from descriptor ${descriptor}: it is empty`,
  );
}

/** All bytes of a descriptor; throws `bad-usage` for one that is not open for reading. */
function bytesOf({ files }: PassphraseDeps, descriptor: number): Uint8Array {
  try {
    return files.readDescriptor(descriptor);
  } catch (error) {
    if (!hasCode(error, "file-failed")) throw error;
    throw new VaultError(
      "bad-usage",
      `Cannot take the passphrase from descriptor ${descriptor}: it is not open for reading`,
      { hints: ["Open it in the same shell command, such as: 3< FILE"], cause: error },
    );
  }
}

async function readCommand(deps: PassphraseDeps, command: string): Promise<string> {
  const [program, ...args] = splitWords(command, deps.platform.os);
  if (program === undefined) {
    throw new VaultError("bad-usage", "Cannot run the passphrase command: it names no program");
  }
  const result = await runCommand(deps, program, args);
  if (result.code !== 0) {
    throw commandFailed(program, `it ended with exit code ${result.code}`);
  }
  const text = withoutLineEnd(new TextDecoder().decode(result.stdout));
  if (text === "") throw commandFailed(program, "it printed nothing");
  return text;
}

function splitWords(command: string, os: Host["platform"]["os"]): string[] {
  try {
    return splitCommand(command, os);
  } catch (error) {
    if (!(error instanceof UnfinishedCommand)) throw error;
    throw new VaultError(
      "bad-usage",
      `Cannot read the passphrase command: ${asClause(error.message)}`,
    );
  }
}

async function runCommand(deps: PassphraseDeps, program: string, args: string[]) {
  const env = renderHelperEnvironment(deps.env.all());
  try {
    return await deps.programs.run({
      command: program,
      args,
      env,
      // The command may print what it waits for, such as a touch of a security key.
      stderr: "inherit",
      timeoutMs: COMMAND_TIMEOUT_MS,
    });
  } catch (cause) {
    if (cause instanceof ProgramFailure) {
      throw commandFailed(program, cause.message, cause);
    }
    throw cause;
  }
}

/** Names the program only: people put secrets into arguments, against all advice. */
function commandFailed(program: string, reason: string, cause?: unknown): VaultError {
  const what = `The passphrase command ${quote(program)} failed: ${asClause(reason)}`;
  return new VaultError("helper-failed", what, { cause });
}

/**
 * The passphrase in the environment. An empty value counts, as for aws-vault 7 (Go's
 * `os.LookupEnv`).
 */
export function environmentPassphrase(deps: Pick<Host, "env">): Passphrase | undefined {
  const value = deps.env.get(PASSPHRASE_VARIABLE);
  return value === undefined ? undefined : given(value, PASSPHRASE_VARIABLE);
}

function given(text: string, from: string): Passphrase {
  return { secret: new Secret(text), typed: false, from };
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}
