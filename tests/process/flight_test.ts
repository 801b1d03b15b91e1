import assert from "node:assert/strict";
import { scriptWords } from "./launch.ts";

const WORKER = new URL("./flight_worker.ts", import.meta.url).pathname;

/** What came of a worker. */
interface Outcome {
  readonly code: number;
  /** The last line of its output. */
  readonly accessKeyId: string | undefined;
  readonly stderr: string;
}

/** One process, whose words are heard while it runs. */
class Worker {
  readonly outcome: Promise<Outcome>;
  readonly #child: Deno.ChildProcess;
  #said = "";
  #listeners: (() => void)[] = [];

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.outcome = this.#attend();
  }

  /** Waits until the worker has printed the word; fails when it ends without. */
  async until(word: string): Promise<void> {
    const ended = this.outcome.then(() => true);
    while (!this.#said.includes(word)) {
      const heard = new Promise<boolean>((resolve) => this.#listeners.push(() => resolve(false)));
      assert(!await Promise.race([heard, ended]), `the worker ended before it said ${word}`);
    }
  }

  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }

  async #attend(): Promise<Outcome> {
    const stderr = new Response(this.#child.stderr).text();
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.#said += text;
      for (const listener of this.#listeners.splice(0)) listener();
    }
    const { code } = await this.#child.status;
    return { code, accessKeyId: this.#said.trim().split("\n").at(-1), stderr: await stderr };
  }
}

/** A throw-away state folder, and the workers on it, none of which outlives the test. */
class Fleet {
  readonly folder = Deno.makeTempDirSync({ prefix: "flight-test-" });
  readonly state = `${this.folder}/state`;
  readonly log = `${this.folder}/log`;
  readonly #workers: Worker[] = [];

  start(mode: "fly" | "store", delayMs = 0): Worker {
    const [deno = "", ...args] = scriptWords(WORKER);
    const command = new Deno.Command(deno, {
      args: [...args, mode, this.state, this.log, String(delayMs)],
      stdout: "piped",
      stderr: "piped",
    });
    const worker = new Worker(command.spawn());
    this.#workers.push(worker);
    return worker;
  }

  startMany(count: number, mode: "fly" | "store", delayMs = 0): Worker[] {
    return Array.from({ length: count }, () => this.start(mode, delayMs));
  }

  acts(): number {
    return Deno.readTextFileSync(this.log).split("\n").length - 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers) worker.kill();
    await outcomes(this.#workers);
    await Deno.remove(this.folder, { recursive: true });
  }
}

function outcomes(workers: readonly Worker[]): Promise<Outcome[]> {
  return Promise.all(workers.map((worker) => worker.outcome));
}

/** That all went well, with one and the same result. */
function assertAgreed(results: readonly Outcome[]): void {
  for (const one of results) assert.deepEqual([one.code, one.stderr], [0, ""]);
  assert.equal(new Set(results.map((one) => one.accessKeyId)).size, 1);
  assert.match(results[0]!.accessKeyId!, /^ASIA[0-9a-f]{16}$/);
}

Deno.test("of 24 processes one acts, and all have its result", async () => {
  await using fleet = new Fleet();
  assertAgreed(await outcomes(fleet.startMany(24, "fly", 1_500)));
  assert.equal(fleet.acts(), 1);
});

Deno.test("when the holder is killed, the next is through within 5 s", async () => {
  await using fleet = new Fleet();
  const holder = fleet.start("fly", 600_000);
  await holder.until("acting");
  const others = fleet.startMany(3, "fly");
  for (const other of others) await other.until("waiting");
  holder.kill();
  const killedAt = performance.now();
  assertAgreed(await outcomes(others));
  assert(performance.now() - killedAt < 5_000, `${performance.now() - killedAt} ms`);
  assert.equal(fleet.acts(), 2);
  const left = [...Deno.readDirSync(`${fleet.state}/locks`)].map((entry) => entry.name);
  assert.deepEqual(left.map((name) => name.replace(/[0-9a-f]{64}/, "…")).sort(), [
    "data-key-….lock",
    "session-….lock",
  ]);
});

Deno.test("50 processes make the database and the data key at once", async () => {
  await using fleet = new Fleet();
  const results = await outcomes(fleet.startMany(50, "store"));
  for (const one of results) assert.deepEqual([one.code, one.stderr], [0, ""]);
  assert.equal(new Set(results.map((one) => one.accessKeyId)).size, 50);
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${fleet.state}/sessions.db`);
  const rows = database.prepare("SELECT key_id FROM sessions").all();
  database.close();
  assert.equal(rows.length, 50);
  assert.equal(new Set(rows.map((row) => row["key_id"])).size, 1);
});
