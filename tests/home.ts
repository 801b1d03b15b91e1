/** A home of a test's own with an AWS of its own, and the program in it. */

import assert from "node:assert/strict";
import { BACKENDS } from "../backends/mod.ts";
import type { Backend } from "../src/backend.ts";
import type { CredentialSource } from "../src/credentials/source.ts";
import { SOURCES } from "../src/credentials/sources/mod.ts";
import type { Host } from "../src/host.ts";
import { makeFolder } from "./folder.ts";
import { type Finished, runInProcess } from "./in_process.ts";
import { launch, type Launched } from "./process/launch.ts";
import { type FakeAws, type FakeAwsOptions, startFakeAws } from "./servers/fake_aws.ts";
import { writeProgram } from "./services/write_program.ts";
import { holds } from "./stories/leaks.ts";
import { standIns, systemVariables } from "./stories/stage_programs.ts";

export type { Finished } from "./in_process.ts";

/** The passphrase of every home's file store; it may be nowhere but in the environment. */
export const PASSPHRASE = "correct-horse-battery-staple";

/** What they print is read by a shell, secrets included. */
const PRINTING: ReadonlySet<string> = new Set(["export", "shell-use"]);

/** The program is killed, or the helpers are shell lines. */
export const NOT_ON_WINDOWS = { ignore: Deno.build.os === "windows" };

/**
 * What most tests of whole commands need: a folder, an environment in which the file store can be
 * opened, and an AWS. Commands run in this process, where nothing is waited for ({@linkcode run}), or
 * in a process of their own ({@linkcode start}).
 */
export class Home implements AsyncDisposable {
  readonly aws: FakeAws;
  readonly path: string;
  /** The environment of every command from here on. */
  readonly env: Record<string, string>;
  /** The back ends of runs in this process. */
  backends: readonly Backend[] = BACKENDS;
  /** The sources of credentials of runs in this process. */
  sources: readonly CredentialSource[] = SOURCES;
  /** By how much this machine's clock is wrong, for runs in this process. */
  clockOffsetMs = 0;
  readonly #children: Launched[] = [];

  constructor(aws: FakeAws) {
    this.aws = aws;
    this.path = makeFolder();
    this.env = {
      HOME: this.path,
      ...ofWindows(),
      SHELL: "/bin/sh",
      AWS_VAULT_BACKEND: "file",
      AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE,
      // No unlock that outlasts the test: it would stay in the session of the person who runs it.
      AWS_VAULT_FILE_UNLOCK_TTL: "0",
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: "us-east-1",
    };
  }

  /** A home whose AWS has a user `work`, unless others are given. */
  static async open(options: FakeAwsOptions = {}): Promise<Home> {
    return new Home(await startFakeAws({ users: [{ name: "work" }], ...options }));
  }

  /** Writes a file below the home, and the folders above it. */
  write(path: string, text: string, mode = 0o600): void {
    const full = `${this.path}/${path}`;
    Deno.mkdirSync(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    if (mode & 0o111) writeProgram(full, text, mode);
    else Deno.writeTextFileSync(full, text, { mode });
  }

  /** The text of a file below the home; `undefined` where there is none. */
  read(path: string): string | undefined {
    try {
      return Deno.readTextFileSync(`${this.path}/${path}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Puts a user's key into the environment, for `add --env`. */
  as(user: string): this {
    Object.assign(this.env, keyVariables(this.aws, user));
    return this;
  }

  /** Runs a command in this process (the binary of `AWS_VAULT_BIN` in its own), and sees that it says no secret. */
  async run(...words: string[]): Promise<Finished> {
    if (!Deno.env.has("AWS_VAULT_BIN")) return await this.runOn((host) => host, ...words);
    const finished = await this.start(words).finished;
    this.findLeaks(words, finished);
    return finished;
  }

  /** Runs a command, which has to end well. */
  async succeed(...words: string[]): Promise<Finished> {
    const finished = await this.run(...words);
    assert.equal(finished.code, 0, `${words.join(" ")}: ${finished.stderr}`);
    return finished;
  }

  /** Runs a command in this process on a changed host. */
  async runOn(change: (host: Host) => Host, ...words: string[]): Promise<Finished> {
    const finished = await runInProcess(words, this, change);
    this.findLeaks(words, finished);
    return finished;
  }

  /** Starts a command, or another program, in a process of its own, which ends with the home. */
  start(
    words: readonly string[],
    env: Readonly<Record<string, string>> = {},
    program?: string[],
  ): Launched {
    const child = launch(words, { ...this.env, ...env }, program);
    this.#children.push(child);
    return child;
  }

  /** The id of a profile's stored key, as it is handed out without a session; `undefined`: none is stored. */
  async storedKeyId(...flags: string[]): Promise<string | undefined> {
    const { code, stdout, stderr } = await this.run(...exportWords("-n", ...flags));
    if (code === 3) return undefined;
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).AccessKeyId;
  }

  /** The name of the user with a session of whose key `export` answers. */
  async sessionUser(): Promise<string> {
    const { stdout } = await this.succeed(...exportWords());
    return this.aws.world.sessionUser(JSON.parse(stdout).AccessKeyId);
  }

  /** Throws where a secret was printed; what `export` prints is one. */
  findLeaks(words: readonly string[], { stdout, stderr }: Finished): void {
    const said = PRINTING.has(words[0] ?? "") ? stderr : stdout + stderr;
    for (const secret of [...this.aws.secrets(), PASSPHRASE]) {
      assert(!holds(said, secret), `${words.join(" ")} says a secret`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.aws.faults.release();
    for (const child of this.#children) child.kill("SIGKILL");
    for (const child of this.#children) await child.finished;
    await Deno.remove(this.path, { recursive: true });
    await this.aws[Symbol.asyncDispose]();
  }
}

let bin: string | undefined;

function makeFolderUntilEnd(): string {
  const folder = makeFolder();
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  return folder;
}

/** What a program needs there, and the programs that tests start and Windows does not have. */
function ofWindows(): Record<string, string> {
  if (Deno.build.os !== "windows") return {};
  if (bin !== undefined) return systemVariables(bin);
  bin = makeFolderUntilEnd();
  for (const [name, text] of standIns()) Deno.writeTextFileSync(`${bin}/${name}`, text);
  const variables = systemVariables(bin);
  // What runs in this process looks for programs along this process's own.
  Deno.env.set("PATH", variables["PATH"]!);
  return variables;
}

/** The words that print the credentials of the profile `work` as JSON. */
function exportWords(...flags: readonly string[]): string[] {
  return ["export", "--format=json", ...flags, "work"];
}

/** A user's key as `add --env` reads it. */
export function keyVariables(aws: FakeAws, user: string): Record<string, string> {
  const { id, secret } = aws.user(user).key;
  return { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
}
