/** A home in which commands run one after the other, some of them with a fault. */

import assert from "node:assert/strict";
import type { Backend } from "../../src/backend.ts";
import { type Finished, Home } from "../home.ts";
import { launch, scriptWords } from "../process/launch.ts";
import { type FakeAwsOptions, startFakeAws } from "../servers/fake_aws.ts";
import { Effects, type FaultKind, faultyHost } from "./faulty_host.ts";
import { LockedAfter, plainBackends } from "./plain_keyring.ts";

export type { Finished } from "../home.ts";

/** What goes wrong in a run. */
export interface Fault {
  readonly at: number;
  readonly kind: FaultKind;
}

/** The exit code of what SIGKILL ended. */
export const KILLED = 137;

const FAULTY_MAIN = new URL("./faulty_main.ts", import.meta.url).pathname;

export class World extends Home {
  override backends: readonly Backend[] = plainBackends();

  static override async open(options: FakeAwsOptions = {}): Promise<World> {
    const users = [{ name: "old" }, { name: "new" }];
    const world = new World(await startFakeAws({ users, ...options }));
    // The keyrings of these tests seal nothing.
    for (const name of ["BACKEND", "FILE_PASSPHRASE"]) delete world.env[`AWS_VAULT_${name}`];
    world.env["AWS_VAULT_FILE_DIR"] = `${world.path}/keys`;
    return world;
  }

  /** Runs a command in this process, with the keyrings of this test. */
  override async run(...words: string[]): Promise<Finished> {
    return await this.runOn((host) => host, ...words);
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
    return { ...await this.runOn((host) => faultyHost(host, effects), ...words), effects };
  }

  /** Adds a key of the user's under the name `work`. */
  addWords(): string[] {
    return ["add", "--env", "--force", "work"];
  }

  get state(): string {
    return this.env["AWS_VAULT_STATE_DIR"] ?? `${this.path}/.awsvault/state`;
  }

  /** In a process of its own, which reports what it did before it dies. */
  async #runKilled(fault: Fault, words: string[], effects: Effects): Promise<Finished> {
    const finished = await this.#runApart({ CRASH_AT: `${fault.at}` }, words);
    if (finished.code === KILLED) effects.firstWrong = fault.at;
    return finished;
  }

  /** Runs a command that is killed at its n-th effect, those inside effects on files counted too. */
  async runKilledInside(step: number, ...words: string[]): Promise<Finished> {
    return await this.#runApart({ CRASH_STEP: `${step}` }, words);
  }

  async #runApart(env: Record<string, string>, words: string[]): Promise<Finished> {
    const { code, stdout, stderr } = await launch(
      words,
      { ...this.env, ...env },
      scriptWords(FAULTY_MAIN),
    ).finished;
    this.findLeaks(words, { code, stdout, stderr });
    return { code, stdout, stderr };
  }
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
 *
 * Where the fault befalls a later effect than the n-th (a full disk, the next that writes to one), the
 * points between them are the same run, and are not run again.
 */
export async function atEveryPoint(kind: FaultKind, scene: Scene): Promise<number> {
  let at = 1;
  for (let points = 0;; points++) {
    await using world = await World.open(scene.options);
    await scene.prepare(world);
    const { effects, ...finished } = await world.runFaulty({ at, kind }, ...scene.words(world));
    const where = `${kind} at effect ${at} (${effects.done[at - 1] ?? "none"})`;
    await checked(scene, world, finished, where);
    if (effects.firstWrong === undefined) {
      assert.equal(finished.code, 0, `untouched: ${finished.stderr}`);
      return points;
    }
    at = effects.firstWrong + 1;
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

/** The same with a process that is killed, also in the middle of its effects on files. */
export async function killedInsideAtEveryPoint(scene: Scene): Promise<number> {
  for (let step = 1;; step++) {
    await using world = await World.open(scene.options);
    await scene.prepare(world);
    const finished = await world.runKilledInside(step, ...scene.words(world));
    await checked(scene, world, finished, `killed at step ${step}`);
    if (finished.code !== KILLED) return step - 1;
  }
}

/** Checks what must hold after a run, and says in what run it did not. */
export async function checked(
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
