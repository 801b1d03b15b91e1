/**
 * Where the passphrase of a file store comes from: a descriptor, a command, the environment, or a
 * person at the terminal, in this order, and never more than once in a process.
 */

import { VaultError } from "../src/errors.ts";
import { type Host, ProgramFailure } from "../src/host.ts";
import { Secret } from "../src/secret.ts";
import { escapeControls, quote } from "../src/text.ts";
import { splitCommand } from "./file_passphrase_command.ts";

/** The environment variable that holds the passphrase, as for the other aws-vault. */
export const PASSPHRASE_VARIABLE = "AWS_VAULT_FILE_PASSPHRASE";

/** A command may have to ask a person, and the SDKs wait a minute for all of us. */
const COMMAND_TIMEOUT_MS = 50_000;
/** How often a typed passphrase may be wrong before the command fails. */
const TRIES = 3;

/** What a flag said about the passphrase; nothing: the environment, then the terminal. */
export interface PassphraseSource {
  /** `--passphrase-fd N`: read from this open descriptor. */
  readonly descriptor?: number | undefined;
  /** `--passphrase-command CMD`: what this program prints, run without a shell. */
  readonly command?: string | undefined;
}

/** What getting a passphrase touches. */
export type PassphraseDeps = Pick<Host, "files" | "env" | "terminal" | "programs" | "platform">;

/** Which store a passphrase is for, and how it may be had. */
export interface PassphraseRequest {
  readonly folder: string;
  readonly source: PassphraseSource;
  readonly mayPrompt: boolean;
}

/** A passphrase, and where it came from. */
export interface Passphrase {
  readonly secret: Secret;
  /** Whether somebody typed it, and so may have mistyped it. */
  readonly typed: boolean;
  /** For messages, such as `AWS_VAULT_FILE_PASSPHRASE`. */
  readonly from: string;
}

/** Gets the passphrase of a store that has items. */
export async function obtainPassphrase(
  deps: PassphraseDeps,
  request: PassphraseRequest,
): Promise<Passphrase> {
  const found = await givenPassphrase(deps, request.source) ?? fromEnvironment(deps);
  if (found) return found;
  requirePerson(deps, request);
  const question = `Enter passphrase to unlock ${quote(request.folder)}: `;
  return typed(await deps.terminal.ask(question, { hidden: true }));
}

/**
 * Gets a passphrase for a store that has no items yet: typed twice, and never empty.
 *
 * With `fromFlagsOnly` the environment's passphrase does not count: it is the old one.
 */
export async function obtainNewPassphrase(
  deps: PassphraseDeps,
  request: PassphraseRequest & { fromFlagsOnly?: boolean },
): Promise<Passphrase> {
  const found = await givenPassphrase(deps, request.source) ??
    (request.fromFlagsOnly ? undefined : fromEnvironment(deps));
  if (found) return found;
  requirePerson(deps, request);
  for (let tries = 0; tries < TRIES; tries++) {
    const secret = await typedTwice(deps, request.folder);
    if (secret) return typed(secret);
  }
  throw new VaultError(
    "wrong-passphrase",
    `Cannot set a passphrase for ${quote(request.folder)}: it was not typed twice alike`,
  );
}

async function typedTwice(deps: PassphraseDeps, folder: string): Promise<Secret | undefined> {
  const first = await deps.terminal.ask(`Enter a new passphrase for ${quote(folder)}: `, {
    hidden: true,
  });
  if (first.isEmpty) {
    deps.terminal.write("The passphrase must not be empty\n");
    return undefined;
  }
  const second = await deps.terminal.ask("Enter it again: ", { hidden: true });
  if (first.reveal() === second.reveal()) return first;
  deps.terminal.write("The two are not the same\n");
  return undefined;
}

/** Keeps one passphrase for the process, and asks again while a typed one is wrong. */
export class PassphraseKeeper {
  readonly #deps: PassphraseDeps;
  readonly #request: PassphraseRequest;
  #current: Promise<Passphrase> | undefined;
  #triesLeft = TRIES;

  constructor(deps: PassphraseDeps, request: PassphraseRequest) {
    this.#deps = deps;
    this.#request = request;
  }

  /** The passphrase; the first call may ask for it, all others give the same. */
  passphrase(): Promise<Passphrase> {
    return this.#keep(() => obtainPassphrase(this.#deps, this.#request));
  }

  /** As {@linkcode passphrase}, for a store without items. */
  newPassphrase(): Promise<Passphrase> {
    return this.#keep(() => obtainNewPassphrase(this.#deps, this.#request));
  }

  /** Whether it is worth trying again after the passphrase turned out wrong; a typed one is forgotten. */
  async mayRetry(wrong: Passphrase): Promise<boolean> {
    // Somebody else has asked again in the meantime.
    if (await this.#current !== wrong) return true;
    if (!wrong.typed || --this.#triesLeft <= 0) return false;
    this.#deps.terminal.write("Wrong passphrase, try again\n");
    this.#current = undefined;
    return true;
  }

  #keep(obtain: () => Promise<Passphrase>): Promise<Passphrase> {
    this.#current ??= obtain();
    return this.#current;
  }
}

async function givenPassphrase(
  deps: PassphraseDeps,
  source: PassphraseSource,
): Promise<Passphrase | undefined> {
  if (source.descriptor !== undefined) return fromDescriptor(deps, source.descriptor);
  if (source.command !== undefined) return await fromCommand(deps, source.command);
  return undefined;
}

function fromDescriptor(deps: PassphraseDeps, descriptor: number): Passphrase {
  const bytes = deps.files.readDescriptor(descriptor);
  const text = withoutLineEnd(new TextDecoder().decode(bytes));
  if (text !== "") return given(text, `--passphrase-fd ${descriptor}`);
  throw new VaultError(
    "bad-usage",
    `Cannot take the passphrase from descriptor ${descriptor}: it is empty`,
  );
}

async function fromCommand(deps: PassphraseDeps, command: string): Promise<Passphrase> {
  const [program, ...args] = splitCommand(command, deps.platform.os);
  if (program === undefined) throw new VaultError("bad-usage", "The passphrase command is empty");
  const result = await runCommand(deps, program, args);
  if (result.code !== 0) {
    throw commandFailed(program, `it ended with exit code ${result.code}`);
  }
  const text = withoutLineEnd(new TextDecoder().decode(result.stdout));
  if (text === "") throw commandFailed(program, "it printed nothing");
  return given(text, "--passphrase-command");
}

async function runCommand(deps: PassphraseDeps, program: string, args: string[]) {
  // The program has no business with our own secrets (pains C2).
  const { [PASSPHRASE_VARIABLE]: _, ...env } = deps.env.all();
  try {
    return await deps.programs.run({
      command: program,
      args,
      env,
      // It may say what it waits for, such as the touch of a key.
      stderr: "inherit",
      timeoutMs: COMMAND_TIMEOUT_MS,
    });
  } catch (cause) {
    if (cause instanceof ProgramFailure) {
      throw commandFailed(program, escapeControls(cause.message), cause);
    }
    throw cause;
  }
}

/** Names the program only: people put secrets into arguments, against all advice. */
function commandFailed(program: string, reason: string, cause?: unknown): VaultError {
  const what = `The passphrase command ${quote(program)} failed: ${reason}`;
  return new VaultError("helper-failed", what, { cause });
}

/** An empty value is no passphrase: the other tool asks then, too. */
function fromEnvironment(deps: PassphraseDeps): Passphrase | undefined {
  const value = deps.env.get(PASSPHRASE_VARIABLE);
  return value ? given(value, PASSPHRASE_VARIABLE) : undefined;
}

function given(text: string, from: string): Passphrase {
  return { secret: new Secret(text), typed: false, from };
}

function typed(secret: Secret): Passphrase {
  return { secret, typed: true, from: "the terminal" };
}

function requirePerson(deps: PassphraseDeps, request: PassphraseRequest): void {
  if (request.mayPrompt && deps.terminal.isAvailable()) return;
  throw new VaultError(
    "needs-person",
    `Cannot open the file store ${quote(request.folder)}: ` +
      (request.mayPrompt
        ? "it needs a passphrase, and there is no terminal to ask on"
        : "it needs a passphrase, and prompts are switched off"),
    {
      hints: [
        `Set ${PASSPHRASE_VARIABLE}`,
        "Use --passphrase-command with a program that prints the passphrase",
        "Use --passphrase-fd with the number of an open descriptor to read it from",
      ],
    },
  );
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}
