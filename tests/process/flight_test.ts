import assert from "node:assert/strict";

const WORKER = new URL("./flight_worker.ts", import.meta.url).pathname;

/** A throw-away state folder, and the workers on it, none of which outlives the test. */
class Fleet {
  readonly folder = Deno.makeTempDirSync({ prefix: "flight-test-" });
  readonly state = `${this.folder}/state`;
  readonly log = `${this.folder}/log`;
  readonly #children: Deno.ChildProcess[] = [];

  start(mode: "fly" | "store", delayMs = 0): Deno.ChildProcess {
    const args = ["run", "-A", "--no-prompt", "--no-check", WORKER];
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args, mode, this.state, this.log, String(delayMs)],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#children.push(child);
    return child;
  }

  startMany(count: number, mode: "fly" | "store", delayMs = 0): Promise<Outcome[]> {
    return Promise.all(Array.from({ length: count }, () => outcome(this.start(mode, delayMs))));
  }

  acts(): number {
    return Deno.readTextFileSync(this.log).split("\n").length - 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await child.status;
    }
    await Deno.remove(this.folder, { recursive: true });
  }
}

interface Outcome {
  readonly code: number;
  readonly accessKeyId: string | undefined;
  readonly stderr: string;
}

async function outcome(child: Deno.ChildProcess): Promise<Outcome> {
  const output = await child.output();
  const text = new TextDecoder().decode(output.stdout);
  const stderr = new TextDecoder().decode(output.stderr);
  return { code: output.code, accessKeyId: text.trim().split("\n").at(-1), stderr };
}

/** Reads a child's output until it says the word. */
async function until(child: Deno.ChildProcess, word: string): Promise<void> {
  let text = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes(word)) {
    const { value, done } = await reader.read();
    assert(!done, `the worker ended before it said ${word}`);
    text += value;
  }
  await reader.cancel();
}

Deno.test("of 24 processes one acts, and all have its result", async () => {
  await using fleet = new Fleet();
  const outcomes = await fleet.startMany(24, "fly", 1_500);
  assert.deepEqual(new Set(outcomes.map((one) => one.code)), new Set([0]), outcomes[0]!.stderr);
  assert.equal(new Set(outcomes.map((one) => one.accessKeyId)).size, 1);
  assert.match(outcomes[0]!.accessKeyId!, /^ASIA[0-9a-f]{16}$/);
  assert.equal(fleet.acts(), 1);
});

Deno.test("when the holder is killed, the next is through within 5 s", async () => {
  await using fleet = new Fleet();
  const holder = fleet.start("fly", 600_000);
  await until(holder, "acting");
  const waiting = fleet.startMany(3, "fly");
  holder.kill("SIGKILL");
  const killedAt = performance.now();
  const outcomes = await waiting;
  assert(performance.now() - killedAt < 5_000, `${performance.now() - killedAt} ms`);
  assert.deepEqual(new Set(outcomes.map((one) => one.code)), new Set([0]), outcomes[0]!.stderr);
  assert.equal(new Set(outcomes.map((one) => one.accessKeyId)).size, 1);
  assert.equal(fleet.acts(), 2);
  assert.deepEqual(
    [...Deno.readDirSync(`${fleet.state}/locks`)].map((entry) => entry.name).sort(),
    [
      `${"1".repeat(64)}.lock`,
      "data-key.lock",
    ],
  );
});

Deno.test("50 processes make the database and the data key at once", async () => {
  await using fleet = new Fleet();
  const outcomes = await fleet.startMany(50, "store");
  for (const one of outcomes) assert.deepEqual([one.code, one.stderr], [0, ""]);
  assert.equal(new Set(outcomes.map((one) => one.accessKeyId)).size, 50);
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${fleet.state}/sessions.db`);
  const rows = database.prepare("SELECT key_id FROM sessions").all();
  database.close();
  assert.equal(rows.length, 50);
  assert.equal(new Set(rows.map((row) => row["key_id"])).size, 1);
});
