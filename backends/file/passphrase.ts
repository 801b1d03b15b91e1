/**
 * Where the passphrase of a file store comes from: a descriptor, a command, the environment, or a
 * person at the terminal, in this order, and at most once per process.
 */

import { PassphraseNeeded, VaultError } from "../../src/errors.ts";
import type { Platform } from "../../src/host.ts";
import type { Secret } from "../../src/secret.ts";
import { quote } from "../../src/text.ts";
import {
  environmentPassphrase,
  flagPassphrase,
  type Passphrase,
  PASSPHRASE_VARIABLE,
  type PassphraseDeps,
  type PassphraseSource,
} from "./passphrase_source.ts";

/** How many wrong typed passphrases are accepted before the command fails. */
const TRIES = 3;

/** For a server, which renews credentials when nobody is there. */
const REMEDY =
  "Start it again with AWS_VAULT_FILE_PASSPHRASE_COMMAND set to a program that prints the passphrase";

/** Other ways to give the old passphrase, or the new one. */
function otherSources(os: Platform["os"], kind: "" | "new-"): string[] {
  return [
    ...kind === "" ? [`Set ${PASSPHRASE_VARIABLE}`] : [],
    `Use --${kind}passphrase-command with a program that prints the ${kind && "new "}passphrase`,
    ...os === "windows"
      ? []
      : [`Use --${kind}passphrase-fd with the number of an open descriptor to read it from`],
  ];
}

/** Which store a passphrase is for, and where it comes from. */
export interface PassphraseRequest {
  readonly folder: string;
  readonly source: PassphraseSource;
  readonly mayPrompt: boolean;
}

/** Gets the passphrase of a store that has items. */
async function obtainPassphrase(
  deps: PassphraseDeps,
  request: PassphraseRequest,
): Promise<Passphrase> {
  const found = await flagPassphrase(deps, request.source) ?? environmentPassphrase(deps);
  if (found) return found;
  await requirePerson(deps, request);
  const question = `Enter passphrase to unlock ${quote(request.folder)}: `;
  return typed(await deps.terminal.ask(question, { hidden: true }));
}

/** Gets the first passphrase of a store that has no items yet: typed twice, and never empty. */
async function obtainFirstPassphrase(
  deps: PassphraseDeps,
  request: PassphraseRequest,
): Promise<Passphrase> {
  const found = await flagPassphrase(deps, request.source) ?? environmentPassphrase(deps);
  if (found) return found;
  await requirePerson(deps, request);
  return await typedTwice(deps, request.folder);
}

/**
 * Obtains the passphrase that replaces another one: from `--new-passphrase-fd`,
 * `--new-passphrase-command`, or typed twice. The one in the environment is the old one.
 */
export async function obtainReplacement(
  deps: PassphraseDeps,
  request: PassphraseRequest,
): Promise<Passphrase> {
  const found = await flagPassphrase(deps, request.source, "new-");
  if (found) return found;
  await requirePerson(deps, request, "new-");
  return await typedTwice(deps, request.folder);
}

async function typedTwice(deps: PassphraseDeps, folder: string): Promise<Passphrase> {
  for (let tries = 0; tries < TRIES; tries++) {
    const secret = await typedAlike(deps, folder);
    if (secret) return typed(secret);
  }
  throw new VaultError(
    "wrong-passphrase",
    `Cannot set a passphrase for ${quote(folder)}: the two entries did not match`,
  );
}

async function typedAlike(deps: PassphraseDeps, folder: string): Promise<Secret | undefined> {
  const first = await deps.terminal.ask(`Enter a new passphrase for ${quote(folder)}: `, {
    hidden: true,
  });
  if (first.isEmpty) {
    await deps.terminal.write("The passphrase must not be empty\n");
    return undefined;
  }
  const second = await deps.terminal.ask("Enter it again: ", { hidden: true });
  if (first.reveal() === second.reveal()) return first;
  await deps.terminal.dropTyped();
  await deps.terminal.write("The two do not match\n");
  return undefined;
}

/** Keeps one passphrase for the process, and asks again while a typed one is wrong. */
export class PassphraseKeeper {
  readonly #deps: PassphraseDeps;
  readonly #request: PassphraseRequest;
  #current: Promise<Passphrase> | undefined;
  readonly #retries = new WeakMap<Passphrase, Promise<boolean>>();
  #triesLeft = TRIES;

  constructor(deps: PassphraseDeps, request: PassphraseRequest) {
    this.#deps = deps;
    this.#request = request;
  }

  /** Whether it was asked for; it may have been wrong. */
  get hasPassphrase(): boolean {
    return this.#current !== undefined;
  }

  /** The passphrase. The first call may ask for it, later calls return the same one. */
  passphrase(): Promise<Passphrase> {
    return this.#keep(() => obtainPassphrase(this.#deps, this.#request));
  }

  /** As {@linkcode passphrase}, for a store without items. */
  firstPassphrase(): Promise<Passphrase> {
    return this.#keep(() => obtainFirstPassphrase(this.#deps, this.#request));
  }

  /** Whether to try again after the passphrase turned out wrong; a typed one is discarded once for all its users. */
  mayRetry(wrong: Passphrase): Promise<boolean> {
    const answer = this.#retries.get(wrong) ?? this.#discard(wrong);
    this.#retries.set(wrong, answer);
    return answer;
  }

  async #discard(wrong: Passphrase): Promise<boolean> {
    if (!wrong.typed || --this.#triesLeft <= 0) return false;
    await this.#deps.terminal.dropTyped();
    await this.#deps.terminal.write("Wrong passphrase, try again\n");
    this.#current = undefined;
    return true;
  }

  #keep(obtain: () => Promise<Passphrase>): Promise<Passphrase> {
    this.#current ??= obtain();
    return this.#current;
  }
}

function typed(secret: Secret): Passphrase {
  return { secret, typed: true, from: "the terminal" };
}

async function requirePerson(
  deps: PassphraseDeps,
  request: PassphraseRequest,
  kind: "" | "new-" = "",
): Promise<void> {
  if (request.mayPrompt && await deps.terminal.isAvailable()) return;
  const why = request.mayPrompt ? "there is no terminal to ask on" : "prompts are turned off";
  throw new PassphraseNeeded(
    `Cannot open the file store ${quote(request.folder)}: it needs a passphrase, and ${why}`,
    { remedy: REMEDY, hints: otherSources(deps.platform.os, kind) },
  );
}
