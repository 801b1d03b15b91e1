import assert from "node:assert/strict";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { LiveCredentials } from "./live_credentials.ts";

const MINUTE = 60_000;

/** An AWS whose sessions live an hour, a clock, and credentials that are kept alive with both. */
class World {
  readonly clock = new ManualClock();
  readonly failures: string[] = [];
  /** How long each session was asked to live, in seconds. */
  readonly asked: number[] = [];
  /** What the next calls wait for, and how they fail. */
  gate: Promise<void> = Promise.resolve();
  failure: VaultError | undefined;
  /** How often a person was asked in a window, and what comes of the next time. */
  questions = 0;
  answer: Promise<void> = Promise.resolve();
  /** How long sessions live, in seconds. */
  life = 3600;
  readonly live: LiveCredentials;

  constructor(first?: "first", { hasWindow = false, mayNeedPerson = false } = {}) {
    this.live = new LiveCredentials({
      clock: this.clock,
      random: { fraction: () => 0.5 },
      obtain: async (minTtlSeconds) => {
        this.asked.push(minTtlSeconds);
        await this.gate;
        if (this.failure !== undefined) throw this.failure;
        return this.session(`ASIA${this.asked.length}`);
      },
      mayNeedPerson: () => mayNeedPerson,
      ...hasWindow && {
        ask: async () => {
          this.questions++;
          await this.answer;
          return this.session(`ASIAwindow${this.questions}`);
        },
      },
      onFailure: ({ message }) => this.failures.push(message),
    }, first && this.session(first));
  }

  session(accessKeyId: string): Credentials {
    return {
      accessKeyId,
      secretAccessKey: new Secret("secret"),
      sessionToken: new Secret("token"),
      expiration: this.clock.now().add({ seconds: this.life }),
    };
  }

  /** The id of the key that a request gets, or why it gets none. */
  async ask(): Promise<string> {
    const current = await this.live.current();
    return current instanceof VaultError ? current.message : current.accessKeyId;
  }
}

/** Lets what is due run. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve));

Deno.test("LiveCredentials answers from memory, and renews five minutes before the end", async () => {
  const world = new World("first");
  const kept = world.live.keep();
  for (const minutes of [0, 30, 24]) {
    world.clock.advance(minutes * MINUTE);
    await settle();
    assert.equal(await world.ask(), "first");
  }
  assert.deepEqual(world.asked, []);
  world.clock.advance(2 * MINUTE);
  await settle();
  assert.deepEqual([await world.ask(), world.asked], ["ASIA1", [330]]);
  world.live.stop();
  await kept;
});

Deno.test("LiveCredentials obtains nothing before somebody asks", async () => {
  const world = new World();
  const kept = world.live.keep();
  world.clock.advance(MINUTE);
  await settle();
  assert.deepEqual(world.asked, []);
  assert.deepEqual([await world.ask(), world.asked], ["ASIA1", [330]]);
  world.clock.advance(58 * MINUTE);
  await settle();
  assert.equal(await world.ask(), "ASIA2");
  world.live.stop();
  await kept;
});

Deno.test("LiveCredentials serves new ones at the first request after the machine slept", async () => {
  const world = new World("first");
  world.clock.jump(10 * 60 * MINUTE);
  const answers = await Promise.all(Array.from({ length: 50 }, () => world.ask()));
  assert.deepEqual([new Set(answers), world.asked.length], [new Set(["ASIA1"]), 1]);
});

Deno.test("LiveCredentials lets no request wait for long, and answers with the old ones while they live", async () => {
  const world = new World("first");
  const { promise, resolve } = Promise.withResolvers<void>();
  world.gate = promise;
  world.clock.jump(57 * MINUTE);
  assert.equal(await world.ask(), "first");
  world.clock.jump(10 * MINUTE);
  const waiting = world.ask();
  await settle();
  world.clock.advance(150);
  await settle();
  world.clock.advance(750);
  assert.equal(await waiting, "New credentials are being obtained; ask again in a moment");
  resolve();
  await settle();
  assert.deepEqual([await world.ask(), world.asked.length], ["ASIA1", 1]);
});

Deno.test("LiveCredentials says why there are none, tries again later, and reports a failure once", async () => {
  const world = new World("first");
  world.failure = new VaultError("needs-person", "An MFA code is needed");
  world.clock.jump(57 * MINUTE);
  assert.equal(await world.ask(), "first");
  await settle();
  assert.deepEqual(world.failures, ["An MFA code is needed"]);
  world.clock.advance(4 * MINUTE);
  for (let i = 0; i < 3; i++) assert.equal(await world.ask(), "An MFA code is needed");
  assert.deepEqual([world.asked.length, world.failures.length], [2, 1]);
  world.failure = undefined;
  world.clock.advance(5_000);
  assert.equal(await world.ask(), "ASIA3");
});

Deno.test("LiveCredentials goes on after a failure that nobody foresaw", async () => {
  const world = new World();
  world.gate = Promise.reject(new TypeError("secret"));
  assert.equal(
    await world.ask(),
    "The renewal failed because of a bug in aws-vault (TypeError), please report it",
  );
  world.gate = Promise.resolve();
  world.clock.advance(5_000);
  assert.equal(await world.ask(), "ASIA2");
});

Deno.test("LiveCredentials asks a person in a window, and lets nobody wait for that", async () => {
  const world = new World("first", { hasWindow: true });
  const window = Promise.withResolvers<void>();
  world.failure = new VaultError("needs-person", "An MFA code is needed");
  world.answer = window.promise;
  world.clock.jump(57 * MINUTE);
  assert.equal(await world.ask(), "first");
  await settle();
  world.clock.jump(10 * MINUTE);
  const asked = "A person is needed, and is being asked in a window; ask again in a moment";
  for (let i = 0; i < 3; i++) {
    assert.equal(await world.ask(), asked);
    world.clock.advance(MINUTE);
  }
  assert.deepEqual([world.questions, world.asked.length, world.failures], [1, 1, []]);
  window.resolve();
  await settle();
  assert.equal(await world.ask(), "ASIAwindow1");
});

Deno.test("LiveCredentials leaves a person alone who dismissed the window, for five minutes", async () => {
  const world = new World("first", { hasWindow: true });
  world.failure = new VaultError("needs-person", "An MFA code is needed");
  world.answer = Promise.reject(new VaultError("interrupted", "The prompt was dismissed"));
  world.clock.jump(70 * MINUTE);
  await world.ask();
  await settle();
  assert.deepEqual([world.questions, world.failures], [1, ["The prompt was dismissed"]]);
  world.answer = Promise.resolve();
  for (let seconds = 0; seconds < 295; seconds += 5) {
    world.clock.advance(5_000);
    assert.equal(await world.ask(), "An MFA code is needed");
  }
  assert.equal(world.questions, 1);
  world.clock.advance(5_000);
  await world.ask();
  await settle();
  assert.deepEqual([world.questions, await world.ask()], [2, "ASIAwindow2"]);
  assert.equal(world.failures.length, 1);
});

Deno.test("LiveCredentials lets a request wait 150 ms where a person is needed", async () => {
  const world = new World("first");
  world.failure = new VaultError("needs-person", "An MFA code is needed");
  world.clock.jump(70 * MINUTE);
  assert.equal(await world.ask(), "An MFA code is needed");
  world.clock.advance(5_000);
  const { promise, resolve } = Promise.withResolvers<void>();
  world.gate = promise;
  const waiting = world.ask();
  await settle();
  world.clock.advance(150);
  assert.equal(await waiting, "An MFA code is needed");
  world.failure = undefined;
  resolve();
  await settle();
  assert.equal(await world.ask(), "ASIA2");
});

Deno.test("LiveCredentials renews sessions that live shortly after half of their life", async () => {
  const world = new World("first");
  world.life = 20;
  world.clock.jump(70 * MINUTE);
  const kept = world.live.keep();
  await settle();
  const got = [];
  for (let seconds = 0; seconds < 40; seconds++) {
    got.push(await world.ask());
    await settle();
    world.clock.advance(1_000);
  }
  assert.deepEqual([new Set(got).size, world.asked.length], [4, 4]);
  world.live.stop();
  await kept;
});

Deno.test("LiveCredentials lets a request wait 150 ms where a person may be needed", async () => {
  const world = new World(undefined, { mayNeedPerson: true });
  const { promise, resolve } = Promise.withResolvers<void>();
  world.gate = promise;
  const waiting = world.ask();
  await settle();
  world.clock.advance(150);
  assert.equal(await waiting, "New credentials are being obtained; ask again in a moment");
  resolve();
  await settle();
  assert.equal(await world.ask(), "ASIA1");
});
