import assert from "node:assert/strict";
import { type ManualClock, memoryHost } from "../../tests/fakes/memory_host.ts";
import { VaultError } from "../errors.ts";
import { lockPath, WaitBudget } from "../lock.ts";
import { type FlightRequest, singleFlight } from "./flight.ts";

const IDENTITY = "1".repeat(64);
const PATH = (await lockPath(memoryHost(), "session", IDENTITY))!;
const LOCK = `${PATH}.lock`;
const HOLDER = `${PATH}.holder`;
const REQUEST: FlightRequest = { identity: IDENTITY, profile: "work" };

/** Work whose result is there from the n-th look on, or once it was made. */
function workOf(fromLook = Infinity) {
  const work = { looks: 0, acts: 0, look, act };
  let made: string | undefined;
  function look() {
    work.looks++;
    return Promise.resolve(work.looks >= fromLook ? "found" : made);
  }
  function act() {
    work.acts++;
    return Promise.resolve(made = "made");
  }
  return work;
}

function counts(work: { looks: number; acts: number }) {
  return { looks: work.looks, acts: work.acts };
}

Deno.test("singleFlight() takes no lock for what is there", async () => {
  const host = memoryHost();
  assert.equal(await singleFlight(host, REQUEST, workOf(1)), "found");
  assert.deepEqual(host.files.snapshot(), {});
});

Deno.test("singleFlight() looks again under the lock, and acts only then", async () => {
  const host = memoryHost();
  const late = workOf(2), never = workOf();
  assert.equal(await singleFlight(host, REQUEST, late), "found");
  assert.deepEqual(counts(late), { looks: 2, acts: 0 });
  assert.equal(await singleFlight(host, REQUEST, never), "made");
  assert.deepEqual(counts(never), { looks: 2, acts: 1 });
  assert.deepEqual(host.files.snapshot(), { [LOCK]: "" });
  assert.notEqual(host.files.tryLock(LOCK), undefined);
});

Deno.test("singleFlight() says who holds the lock while it acts, and lets go when it fails", async () => {
  const host = memoryHost();
  const act = () => {
    assert.equal(host.files.tryLock(LOCK), undefined);
    assert.deepEqual(JSON.parse(host.files.readText(HOLDER)!), { pid: 4242, profile: "work" });
    return Promise.reject(new VaultError("network", "AWS is away"));
  };
  await assert.rejects(singleFlight(host, REQUEST, { ...workOf(), act }), { code: "network" });
  assert.deepEqual(host.files.snapshot(), { [LOCK]: "" });
  assert.notEqual(host.files.tryLock(LOCK), undefined);
});

Deno.test("a process that waits finds the result without ever getting the lock", async () => {
  const host = memoryHost();
  host.files.tryLock(LOCK);
  const work = workOf(5);
  assert.equal(await singleFlight(host, REQUEST, work), "found");
  assert.deepEqual(counts(work), { looks: 5, acts: 0 });
  for (const ms of host.clock.sleeps) assert(ms >= 25 && ms <= 100, `${ms} ms`);
});

Deno.test("a process that waits looks as soon as the database has changed", async () => {
  const host = memoryHost({ jumpsOverSleeps: false });
  host.files.tryLock(LOCK);
  const work = workOf(3);
  const result = singleFlight(host, REQUEST, work);
  await untilAsleep(host.clock);
  host.clock.advance(100);
  await untilAsleep(host.clock);
  assert.deepEqual(counts(work), { looks: 2, acts: 0 });
  host.files.writeWhole("/home/test/.awsvault/state/sessions.db", "changed");
  host.clock.advance(100);
  assert.equal(await result, "found");
});

Deno.test("within two seconds the person sees who is waited for, once", async () => {
  const host = memoryHost();
  host.files.tryLock(LOCK);
  host.files.writeWhole(HOLDER, JSON.stringify({ pid: 77, profile: "ad\u001bmin" }));
  assert.equal(await singleFlight(host, REQUEST, workOf(8)), "found");
  assert.deepEqual(host.talk.said, [
    'note: Waiting for another aws-vault (pid 77, profile "ad\\u001bmin"); Ctrl-C stops waiting',
  ]);
  assert(host.clock.monotonicMs() > 2_000);
});

Deno.test("the waiting ends with the budget, which all locks of a run share", async () => {
  const host = memoryHost();
  host.files.tryLock(LOCK);
  host.files.writeWhole(HOLDER, "no JSON");
  const budget = new WaitBudget(1_500);
  const request = { ...REQUEST, budget };
  await assert.rejects(singleFlight(host, request, workOf()), {
    code: "wait-timeout",
    exitCode: 4,
    message: 'Cannot get credentials for "work": another aws-vault did not finish in time',
    hints: ["Wait longer with --wait"],
  });
  assert.equal(Math.round(host.clock.monotonicMs()), 1_500);
  host.files.writeWhole(HOLDER, JSON.stringify({ pid: 77, profile: "admin" }));
  await assert.rejects(singleFlight(host, request, workOf()), {
    message: 'Cannot get credentials for "work": another aws-vault (pid 77, profile "admin") ' +
      "did not finish in time",
    hints: ["Answer the prompt of process 77, or end it", "Wait longer with --wait"],
  });
  assert.equal(Math.round(host.clock.monotonicMs()), 1_500);
});

Deno.test("the waiting ends with the signal", async () => {
  const host = memoryHost({ jumpsOverSleeps: false });
  host.files.tryLock(LOCK);
  const controller = new AbortController();
  const result = singleFlight(host, { ...REQUEST, signal: controller.signal }, workOf());
  const reason = new Error("stopped");
  controller.abort(reason);
  await assert.rejects(result, reason);
});

Deno.test("where there are no locks it warns once and acts", async () => {
  const host = memoryHost();
  host.files.forgetLocks();
  for (let run = 0; run < 2; run++) {
    assert.equal(await singleFlight(host, REQUEST, workOf()), "made");
  }
  assert.deepEqual(host.talk.said, [
    "warning: The file system of the state folder does not support locks: two processes may ask at the same time",
  ]);
});

/** Until the waiting process sleeps again; a hash on the way takes more than turns of promises. */
async function untilAsleep(clock: ManualClock): Promise<void> {
  while (clock.sleeping === 0) await new Promise((resolve) => setTimeout(resolve, 0));
}
