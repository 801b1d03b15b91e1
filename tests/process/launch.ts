/** Starts the program as its users do: the binary that `AWS_VAULT_BIN` names, else the sources. */

import { existsSync } from "node:fs";
import { spawn } from "../services/spawn.ts";
import { denoDir } from "./deno_dir.ts";

/** A running program. */
export interface Launched {
  readonly pid: number;
  readonly finished: Promise<{
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
  }>;
  /** Resolves when it has printed the text on standard error; rejects when it ends without. */
  untilSaid(text: string): Promise<void>;
  /** What it has printed on standard error so far. */
  said(): string;
  /** The same on standard output; gives all that was printed there until then. */
  untilPrinted(text: string): Promise<string>;
  /** Does nothing once it has ended. */
  kill(signal: Deno.Signal): void;
}

const ROOT = new URL("../../", import.meta.url).pathname;
const MAIN = `${ROOT}main.ts`;

/** The flags with which a script can open what the program stored, and the other way round. */
export const SAME_ROUNDS = Deno.env.has("AWS_VAULT_BIN")
  ? []
  : [`--preload=${ROOT}tests/fakes/few_rounds.ts`];

/** The words that start the program; from its sources PBKDF2 costs nothing (`few_rounds.ts`). */
export function programWords(): string[] {
  const binary = Deno.env.get("AWS_VAULT_BIN");
  return binary ? [Deno.realPathSync(binary)] : scriptWords(MAIN, ...SAME_ROUNDS);
}

/** The words that run a script of ours as the program is run. */
export function scriptWords(path: string, ...flags: readonly string[]): string[] {
  const bundle = bundled(path);
  if (bundle === undefined) return sourceWords(path, ...flags);
  // A bundle needs neither: looking for them is a tenth of what a start costs.
  return sourceWords(bundle, "--no-config", "--no-lock", ...flags);
}

/** The same from the sources in any case, with all the rounds of PBKDF2. */
export function sourceWords(path: string, ...flags: readonly string[]): string[] {
  return [Deno.execPath(), "run", "-A", "-q", "--no-prompt", "--no-check", ...flags, path];
}

/** The bundle of a script where `deno task test` has made one, which starts in two thirds of the time. */
export function bundled(path: string): string | undefined {
  const folder = Deno.env.get("AWS_VAULT_TEST_BUNDLE");
  const bundle = `${folder}/${path.slice(ROOT.length).replace(/\.ts$/, ".js")}`;
  return folder !== undefined && existsSync(bundle) ? bundle : undefined;
}

/** The text of a program `aws-vault` for a folder of `PATH`; the home may be a throw-away one. */
export function launcher(): string {
  const words = programWords().map((word) => `'${word}'`).join(" ");
  return `#!/bin/sh\nDENO_DIR='${denoDir().DENO_DIR}' exec ${words} "$@"\n`;
}

/** Starts the program in a session of its own, without a terminal and with this environment only. */
export function launch(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  words = programWords(),
): Launched {
  const [program = "", ...before] = words;
  const child = spawn(program, {
    args: [...before, ...args],
    env: { PATH: Deno.env.get("PATH") ?? "", ...denoDir(), ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // A session of its own (setsid): `/dev/tty` would be the terminal of the person who runs the
    // tests.
    detached: true,
  });
  const heard = new Heard(child.stderr);
  const printed = new Heard(child.stdout);
  const finished = attend(child, printed, heard);
  return {
    pid: child.pid,
    finished,
    untilSaid: async (text) => void await heard.until(text),
    said: () => heard.text,
    untilPrinted: (text) => printed.until(text),
    kill(signal) {
      try {
        child.kill(signal);
      } catch {
        // It has ended.
      }
    },
  };
}

async function attend(child: Deno.ChildProcess, printed: Heard, heard: Heard) {
  const stdout = await printed.all;
  const stderr = await heard.all;
  const { code } = await child.status;
  return { code, stdout, stderr };
}

/** What a program says, as it says it. */
class Heard {
  readonly all: Promise<string>;
  #text = "";
  #ended = false;
  #listeners: (() => void)[] = [];

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.all = this.#listen(stream);
  }

  get text(): string {
    return this.#text;
  }

  async until(text: string): Promise<string> {
    while (!this.#text.includes(text)) {
      if (this.#ended) throw new Error(`it ended without saying "${text}", but: ${this.#text}`);
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
    return this.#text;
  }

  async #listen(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      this.#text += chunk;
      this.#wake();
    }
    this.#ended = true;
    this.#wake();
    return this.#text;
  }

  #wake(): void {
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
