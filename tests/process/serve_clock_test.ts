/** `serve` and the time: in this process, with a clock that the test moves. */

import assert from "node:assert/strict";
import type { Host } from "../../src/host.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { type Finished, type Home, NOT_ON_WINDOWS } from "../home.ts";
import { askAs, openServeHome } from "./serving.ts";

const MINUTE = 60_000;

/** A server in this process. */
class TimedServer {
  readonly home: Home;
  readonly clock = new ManualClock({ start: Temporal.Now.instant().toString() });
  readonly #end = Promise.withResolvers<"interrupt" | "end">();
  readonly #printed = Promise.withResolvers<string>();
  readonly #warned = Promise.withResolvers<string>();
  readonly finished: Promise<Finished>;

  constructor(home: Home, ...words: string[]) {
    this.home = home;
    const caught = { arrived: this.#end.promise, stop() {} };
    const signals = { catchEnd: () => Promise.resolve(caught) };
    const stdout = { write: this.#printed.resolve, isTerminal: () => false };
    const change = (host: Host) => ({
      ...host,
      clock: this.clock,
      // As early as it ever renews.
      random: { ...host.random, fraction: () => 1 },
      signals,
      stdout,
      stderr: {
        ...host.stderr,
        write: (text: string) => {
          host.stderr.write(text);
          this.#warned.resolve(text);
        },
      },
    });
    this.finished = home.runOn(change, "serve", ...words);
    // One that ends before it prints has failed.
    this.finished.then(({ stderr }) => this.#printed.reject(new Error(stderr)));
  }

  /** What it printed when it began to answer. */
  printed(): Promise<string> {
    return this.#printed.promise;
  }

  /** What it said first on standard error. */
  warned(): Promise<string> {
    return this.#warned.promise;
  }

  async grant(...words: string[]) {
    const change = (host: Host) => ({ ...host, clock: this.clock });
    const { stdout, stderr } = await this.home.runOn(change, "grant", "--format=json", ...words);
    assert.equal(stderr, "");
    const grant = JSON.parse(stdout);
    return () =>
      askAs(
        this.home,
        grant.AWS_CONTAINER_CREDENTIALS_FULL_URI,
        grant.AWS_CONTAINER_AUTHORIZATION_TOKEN,
      );
  }

  /** Time passes here and at AWS. */
  pass(minutes: number): void {
    this.home.aws.world.clockOffsetMs += minutes * MINUTE;
    this.clock.advance(minutes * MINUTE);
  }

  async end(): Promise<Finished> {
    this.#end.resolve("end");
    return await this.finished;
  }
}

/** Asks until a renewal that is under way is done, as an SDK does. */
async function untilServed(ask: () => ReturnType<typeof askAs>) {
  for (;;) {
    const got = await ask();
    if (got[0] !== 503) return got;
  }
}

const [FIRST_CODE, SECOND_CODE] = ["123456", "654321"] as const;

/** A server for the profile `device`, which needs a code for each session. */
async function serveDevice(): Promise<{ home: Home; server: TimedServer }> {
  const mfa = [{ codes: [FIRST_CODE, SECOND_CODE] }];
  const home = await openServeHome({ users: [{ name: "work", mfa }] });
  const server = new TimedServer(home, "--lazy", "device");
  await server.printed();
  return { home, server };
}

Deno.test({
  name: "a grant ends with --for, and nobody's profile is renewed any more",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using home = await openServeHome();
    const server = new TimedServer(home, "--grant", "ci=work");
    await server.printed();
    const work = await server.grant("work", "--for", "48h");
    const admin = await server.grant("admin", "--for", "90m");
    assert.deepEqual(await admin(), [200, "assumed-role/admin"]);
    server.pass(89);
    assert.deepEqual(await untilServed(admin), [200, "assumed-role/admin"]);
    server.pass(1);
    assert.deepEqual(await admin(), [403, "GrantEnded"]);
    // Both sessions have ended; that of the role is asked for by nobody.
    server.pass(2);
    home.aws.takeCalls();
    server.pass(180);
    assert.deepEqual(await untilServed(work), [200, "user/work"]);
    const calls = new Set(home.aws.takeCalls().map((call) => call.split(" ")[0]));
    assert.deepEqual([...calls], ["GetSessionToken"]);
    assert.deepEqual((await server.end()).code, 0);
  },
});

Deno.test({
  name: "serve has the first request after the machine slept wait for AWS, where nobody is needed",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using home = await openServeHome();
    const server = new TimedServer(home, "work");
    await server.printed();
    const work = await server.grant("work");
    assert.deepEqual(await work(), [200, "user/work"]);
    // No timer has noticed.
    home.aws.world.clockOffsetMs += 70 * MINUTE;
    server.clock.jump(70 * MINUTE);
    home.aws.fault({ kind: "hang", action: "GetSessionToken" });
    const waiting = work();
    await home.aws.faults.untilHanging();
    server.clock.advance(150);
    home.aws.faults.release();
    assert.deepEqual(await waiting, [200, "user/work"]);
    assert.deepEqual((await server.end()).code, 0);
  },
});

Deno.test({
  name: "grant asks for a code where a cached session lives too short for the server",
  ...NOT_ON_WINDOWS,
  async fn() {
    const { home, server } = await serveDevice();
    await using _ = home;
    const change = (host: Host) => ({ ...host, clock: server.clock });
    const first = await home.runOn(change, "export", "device", "--mfa-token", FIRST_CODE);
    assert.equal(first.code, 0, first.stderr);
    // 5:15 are left: enough for `export`, and not for a server.
    server.pass(54.75);
    const device = await server.grant("device", "--mfa-token", SECOND_CODE);
    assert.deepEqual(await device(), [200, "user/work"]);
    assert.deepEqual((await server.end()).code, 0);
  },
});

Deno.test({
  name: "what serve says to run where a person is needed asks that person",
  ...NOT_ON_WINDOWS,
  async fn() {
    const { home, server } = await serveDevice();
    await using _ = home;
    const device = await server.grant("device", "--mfa-token", FIRST_CODE);
    assert.deepEqual(await device(), [200, "user/work"]);
    // 5:15 are left, when a renewal is due.
    server.pass(54.75);
    const line = /Run in another terminal: aws-vault (.*)$/m.exec(await server.warned())![1]!;
    assert.deepEqual((await server.end()).code, 0);
    home.aws.takeCalls();
    // A clock that goes on where the end of the renewal is waited for.
    home.clockOffsetMs = home.aws.world.clockOffsetMs;
    const words = [...line.split(" "), "--mfa-token", SECOND_CODE];
    const exported = await home.runOn((host) => host, ...words);
    assert.equal(exported.code, 0, exported.stderr);
    assert.match(home.aws.takeCalls().join(), /GetSessionToken/);
  },
});

Deno.test({
  name: "serve renews five minutes before the end, and requests are answered in the meantime",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using home = await openServeHome();
    const server = new TimedServer(home, "work");
    await server.printed();
    const work = await server.grant("work");
    await work();
    home.aws.takeCalls();
    server.pass(54);
    assert.deepEqual([await work(), home.aws.takeCalls()], [[200, "user/work"], []]);
    server.pass(2);
    const answers = await Promise.all(Array.from({ length: 50 }, work));
    assert.deepEqual(answers, Array(50).fill([200, "user/work"]));
    while (home.aws.takeCalls().length === 0) assert.deepEqual(await work(), [200, "user/work"]);
    // A new grant waits for the renewal that is under way.
    await server.grant("work");
    assert.deepEqual((await server.end()).code, 0);
  },
});

Deno.test({
  name: "serve ends where its socket was removed: nobody could stop it any more",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using home = await openServeHome();
    const server = new TimedServer(home, "work");
    await server.printed();
    Deno.removeSync(`${home.path}/state/serve.sock`);
    server.clock.advance(MINUTE);
    const { code, stderr } = await server.finished;
    assert.deepEqual([code, stderr], [
      0,
      "warning: The server's socket was removed: the server ends\n",
    ]);
  },
});
