/** A home and an AWS, in which commands run one after the other, some of them with a fault. */

import assert from "node:assert/strict";
import type { Backend } from "../../src/backend.ts";
import { run } from "../../src/cli/run.ts";
import type { CredentialSource } from "../../src/credentials/source.ts";
import { SOURCES } from "../../src/credentials/sources/mod.ts";
import type { Clock, Host } from "../../src/host.ts";
import { systemHost } from "../../src/system/host.ts";
import { systemPlatform } from "../../src/system/platform.ts";
import { memoryEnv } from "../fakes/memory_host.ts";
import { launch } from "../process/launch.ts";
import { type FakeAws, type FakeAwsOptions, startFakeAws } from "../servers/fake_aws.ts";
import { holds } from "../stories/leaks.ts";
import { Effects, type FaultKind, faultyHost } from "./faulty_host.ts";
import { LockedAfter, plainBackend } from "./plain_keyring.ts";

/** What a command left. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What goes wrong in a run. */
export interface Fault {
  readonly at: number;
  readonly kind: FaultKind;
}

/** The exit code of what SIGKILL ended. */
export const KILLED = 137;

const FAULTY_MAIN = new URL("./faulty_main.ts", import.meta.url).pathname;

export class World implements AsyncDisposable {
  readonly aws: FakeAws;
  readonly home = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "crash-test-" }));
  readonly config = `${this.home}/.aws/config`;
  /** The back ends of runs in this process. */
  backends: readonly Backend[] = plainBackends();
  sources: readonly CredentialSource[] = SOURCES;
  readonly env: Record<string, string> = {};
  /** By how much this machine's clock is wrong. */
  clockOffsetMs = 0;

  private constructor(aws: FakeAws) {
    this.aws = aws;
    Object.assign(this.env, {
      HOME: this.home,
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: "us-east-1",
      AWS_VAULT_FILE_DIR: `${this.home}/keys`,
      AWS_VAULT_FILE_UNLOCK_TTL: "0",
    });
  }

  static async open(options: FakeAwsOptions = {}): Promise<World> {
    const users = [{ name: "old" }, { name: "new" }];
    return new World(await startFakeAws({ users, ...options }));
  }

  /** Runs a command in this process. */
  async run(...words: string[]): Promise<Finished> {
    return await this.#run(words, (host) => host);
  }

  async succeed(...words: string[]): Promise<Finished> {
    const finished = await this.run(...words);
    assert.equal(finished.code, 0, `${words.join(" ")}: ${finished.stderr}`);
    return finished;
  }

  /** Runs a command while the keystore locks itself after so many reads and writes of secrets. */
  async runLocking(after: number, ...words: string[]): Promise<Finished & { isLocked: boolean }> {
    const locked = new LockedAfter(after);
    const unlocked = this.backends;
    this.backends = plainBackends(locked);
    try {
      return { ...await this.run(...words), isLocked: locked.isLocked };
    } finally {
      this.backends = unlocked;
    }
  }

  /** Runs a command of which one effect goes wrong, and gives what it did as well. */
  async runFaulty(fault: Fault, ...words: string[]): Promise<Finished & { effects: Effects }> {
    const effects = new Effects(fault.at, fault.kind);
    if (fault.kind === "kill") return { ...await this.#runKilled(fault, words, effects), effects };
    return { ...await this.#run(words, (host) => faultyHost(host, effects)), effects };
  }

  /** Adds a key of the user's under the name `work`. */
  addWords(): string[] {
    return ["add", "--env", "--force", "work"];
  }

  as(user: string): this {
    const { id, secret } = this.aws.user(user).key;
    Object.assign(this.env, { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret });
    return this;
  }

  /** The stored key's id, by what `export` hands out without a session; `undefined`: none is stored. */
  async storedKeyId(...flags: string[]): Promise<string | undefined> {
    const words = ["export", "--format=json", "-n", ...flags, "work"];
    const { code, stdout, stderr } = await this.run(...words);
    if (code === 3) return undefined;
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).AccessKeyId;
  }

  /** The name of the user with a session of whose key `export` answers. */
  async sessionUser(): Promise<string> {
    const { stdout } = await this.succeed("export", "--format=json", "work");
    return this.aws.world.sessionUser(JSON.parse(stdout).AccessKeyId);
  }

  get state(): string {
    return this.env["AWS_VAULT_STATE_DIR"] ?? `${this.home}/.awsvault/state`;
  }

  readConfig(): string | undefined {
    try {
      return Deno.readTextFileSync(this.config);
    } catch {
      return undefined;
    }
  }

  writeConfig(text: string): void {
    Deno.mkdirSync(`${this.home}/.aws`, { recursive: true });
    Deno.writeTextFileSync(this.config, text);
  }

  async #run(words: readonly string[], change: (host: Host) => Host): Promise<Finished> {
    const out = { stdout: "", stderr: "" };
    const env = memoryEnv({ ...this.env });
    const stream = (name: "stdout" | "stderr") => ({
      write: (text: string) => void (out[name] += text),
      isTerminal: () => false,
    });
    const host: Host = {
      ...systemHost(),
      env,
      platform: systemPlatform(env),
      clock: jumpingClock(systemHost().clock, () => this.clockOffsetMs),
      terminal: {
        isAvailable: () => Promise.resolve(false),
        write: () => Promise.resolve(),
        ask: () => Promise.reject(new Error("nobody can be asked")),
      },
      stdout: stream("stdout"),
      stderr: stream("stderr"),
    };
    const code = await run(words, change(host), this.backends, this.sources);
    this.#findLeaks(words, out);
    return { code, ...out };
  }

  /** In a process of its own, which tells what it did before it dies. */
  async #runKilled(fault: Fault, words: string[], effects: Effects): Promise<Finished> {
    const finished = await this.#runApart({ CRASH_AT: `${fault.at}` }, words);
    if (finished.code === KILLED) effects.done.length = fault.at;
    return finished;
  }

  /** Runs a command that is killed at the n-th step inside of its effects on files. */
  async runKilledInside(step: number, ...words: string[]): Promise<Finished> {
    return await this.#runApart({ CRASH_STEP: `${step}` }, words);
  }

  async #runApart(env: Record<string, string>, words: string[]): Promise<Finished> {
    const start = [Deno.execPath(), "run", "-A", "-q", "--no-prompt", "--no-check", FAULTY_MAIN];
    const finished = await launch(words, { ...this.env, ...env }, start).finished;
    this.#findLeaks(words, finished);
    return finished;
  }

  #findLeaks(words: readonly string[], { stdout, stderr }: Omit<Finished, "code">): void {
    const shown = words[0] === "export" ? stderr : stdout + stderr;
    for (const secret of this.aws.secrets()) {
      assert(!holds(shown, secret), `${words.join(" ")} says a secret`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.aws[Symbol.asyncDispose]();
    await Deno.remove(this.home, { recursive: true });
  }
}

/** Two stores, so that keys can be moved from one to the other; the first is the usual one. */
export function plainBackends(locked = new LockedAfter(Infinity)): Backend[] {
  return [plainBackend("keyctl", locked), plainBackend("pass", locked)];
}

/** Sleeps are jumped over: only the clock that measures durations moves on. */
function jumpingClock(clock: Clock, offsetMs: () => number): Clock {
  let jumpedMs = 0;
  return {
    now: () => clock.now().add({ milliseconds: offsetMs() }),
    monotonicMs: () => clock.monotonicMs() + jumpedMs,
    sleep: (ms) => {
      jumpedMs += ms;
      return clock.sleep(0);
    },
  };
}

/** What is done at every point, and what must hold after it. */
export interface Scene {
  readonly options?: FakeAwsOptions;
  readonly prepare: (world: World) => Promise<void>;
  readonly words: (world: World) => string[];
  readonly check: (world: World, finished: Finished) => Promise<void>;
}

/**
 * Tries every fault of a kind: a fresh world each time, the command with its n-th effect going wrong,
 * then what must hold; until a run comes to its end untouched. Gives the number of points.
 */
export async function atEveryPoint(kind: FaultKind, scene: Scene): Promise<number> {
  for (let at = 1;; at++) {
    await using world = await World.open(scene.options);
    await scene.prepare(world);
    const { effects, ...finished } = await world.runFaulty({ at, kind }, ...scene.words(world));
    const where = `${kind} at effect ${at} (${effects.done[at - 1] ?? "none"})`;
    await checked(scene, world, finished, where);
    if (effects.hasFired) continue;
    assert.equal(finished.code, 0, `untouched: ${finished.stderr}`);
    return at - 1;
  }
}

/** The same with a keystore that locks itself after 0, 1, 2… reads and writes. */
export async function lockedAtEveryPoint(scene: Scene): Promise<number> {
  for (let after = 0;; after++) {
    await using world = await World.open(scene.options);
    await scene.prepare(world);
    const { isLocked, ...finished } = await world.runLocking(after, ...scene.words(world));
    await checked(scene, world, finished, `locked after ${after}`);
    if (!isLocked) return after;
  }
}

/** The same with a process that is killed in the middle of its effects on files. */
export async function killedInsideAtEveryPoint(scene: Scene): Promise<number> {
  for (let step = 1;; step++) {
    await using world = await World.open(scene.options);
    await scene.prepare(world);
    const finished = await world.runKilledInside(step, ...scene.words(world));
    await checked(scene, world, finished, `killed at step ${step}`);
    if (finished.code !== KILLED) return step - 1;
  }
}

async function checked(
  scene: Scene,
  world: World,
  finished: Finished,
  where: string,
): Promise<void> {
  try {
    await scene.check(world, finished);
  } catch (error) {
    throw new Error(`${where}: ${finished.stderr}`, { cause: error });
  }
}
