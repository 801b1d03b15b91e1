import assert from "node:assert/strict";
import { memoryHost } from "../tests/fakes/memory_host.ts";
import { lockPath, type LockRequest, WaitBudget, withLock, withLocks } from "./lock.ts";

const PATH = "/home/test/.awsvault/state/locks/key-1";
const REQUEST: LockRequest<string> = {
  path: PATH,
  purpose: 'Cannot change the key of profile "work"',
  profile: "work",
};

const done = () => Promise.resolve("done");

Deno.test("lockPath() distinguishes kinds and subjects, whatever is in a name", async () => {
  const host = memoryHost();
  const paths = [
    await lockPath(host, "key", "a"),
    await lockPath(host, "file", "a"),
    await lockPath(host, "key", "a/../b"),
    await lockPath(host, "store", "a", "b"),
    await lockPath(host, "store", 'a","b'),
  ];
  assert.equal(new Set(paths).size, paths.length);
  for (const path of paths) {
    assert.match(path!, /^\/home\/test\/\.awsvault\/state\/locks\/[a-z-]+-[0-9a-f]{64}$/);
  }
  assert.equal(await lockPath(host, "key", "a"), paths[0]);
  const homeless = memoryHost({ platform: { home: undefined } });
  assert.equal(await lockPath(homeless, "key", "a"), undefined);
});

Deno.test("withLock() says who holds the lock while it acts, and lets go when it fails", async () => {
  const host = memoryHost();
  const failing = withLock(host, REQUEST, () => {
    assert.equal(host.files.tryLock(`${PATH}.lock`), undefined);
    const holder = JSON.parse(host.files.readText(`${PATH}.holder`)!);
    assert.deepEqual(holder, { pid: host.platform.pid, profile: "work" });
    throw new Error("failed");
  });
  await assert.rejects(failing, /failed/);
  assert.deepEqual(host.files.snapshot(), { [`${PATH}.lock`]: "" });
  assert.equal(await withLock(host, REQUEST, done), "done");
});

Deno.test("withLock() says once who is waited for, and ends with the result of another", async () => {
  const host = memoryHost();
  host.files.tryLock(`${PATH}.lock`);
  host.files.writeWhole(`${PATH}.holder`, JSON.stringify({ pid: 77 }));
  const whileWaiting = (waitedMs: number) =>
    Promise.resolve(waitedMs > 3_000 ? "of another" : undefined);
  const never = () => Promise.reject(new Error("the lock is held"));
  assert.equal(await withLock(host, { ...REQUEST, whileWaiting }, never), "of another");
  assert.deepEqual(host.talk.said, [
    "note: Waiting for another aws-vault (pid 77); Ctrl-C stops waiting",
  ]);
});

Deno.test("withLock() names the holder when the time is over", async () => {
  const host = memoryHost();
  host.files.tryLock(`${PATH}.lock`);
  host.files.writeWhole(`${PATH}.holder`, JSON.stringify({ pid: 77, profile: "work" }));
  await assert.rejects(withLock(host, { ...REQUEST, budget: new WaitBudget(900) }, done), {
    code: "wait-timeout",
    exitCode: 4,
    message: 'Cannot change the key of profile "work": another aws-vault ' +
      '(pid 77, profile "work") did not finish in time',
    hints: ["Answer the prompt of process 77, or end it", "Wait longer with --wait"],
  });
  assert.equal(Math.round(host.clock.monotonicMs()), 900);
});

Deno.test("withLock() says nothing of a wait that is over, however late it looks", async () => {
  const host = memoryHost();
  host.files.tryLock(`${PATH}.lock`);
  const whileWaiting = (waitedMs: number) => {
    host.clock.advance(2_000);
    return Promise.resolve(waitedMs >= 2_000 ? "of another" : undefined);
  };
  const request = { ...REQUEST, whileWaiting };
  assert.equal(await withLock(host, request, done), "of another");
  const budget = new WaitBudget(1_000);
  const late = { ...request, whileWaiting: () => whileWaiting(0), budget };
  await assert.rejects(withLock(host, late, done), { code: "wait-timeout" });
  assert.deepEqual(host.talk.said, []);
});

Deno.test("a shared lock is held by several, and by nobody with the exclusive one", async () => {
  const host = memoryHost();
  const budget = () => new WaitBudget(100);
  const shared = { ...REQUEST, isShared: true };
  const alone = () => withLock(host, { ...REQUEST, budget: budget() }, done);
  const together = () => withLock(host, { ...shared, budget: budget() }, done);
  await withLock(host, shared, async () => {
    assert.equal(await together(), "done");
    await assert.rejects(alone(), { code: "wait-timeout" });
    return "done";
  });
  await withLock(host, REQUEST, async () => {
    await assert.rejects(together(), { code: "wait-timeout" });
    return "done";
  });
  assert.equal(await alone(), "done");
});

Deno.test("a process that shares a lock leaves the words of other holders in place", async () => {
  const host = memoryHost();
  await withLock(host, { ...REQUEST, isShared: true }, () => {
    host.files.writeWhole(`${PATH}.holder`, JSON.stringify({ pid: 78, profile: "home" }));
    return "done";
  });
  const holder = JSON.parse(host.files.readText(`${PATH}.holder`)!);
  assert.deepEqual(holder, { pid: 78, profile: "home" });
});

Deno.test("withLocks() takes all locks, waits for them with one budget, and frees them all", async () => {
  const host = memoryHost();
  const budget = new WaitBudget(1_000);
  const requests = ["a", "b"].map((name) => ({ ...REQUEST, path: `/locks/${name}`, budget }));
  const held = host.files.tryLock("/locks/b.lock")!;
  await assert.rejects(withLocks(host, requests, done), { code: "wait-timeout" });
  assert.equal(budget.leftMs, 0);
  held.release();
  await withLocks(host, requests, () => {
    for (const { path } of requests) assert.equal(host.files.tryLock(`${path}.lock`), undefined);
    return done();
  });
  for (const { path } of requests) assert.notEqual(host.files.tryLock(`${path}.lock`), undefined);
});

Deno.test("withLock() warns once where there are no locks, and acts", async () => {
  const host = memoryHost();
  host.files.forgetLocks();
  for (let run = 0; run < 2; run++) {
    assert.equal(await withLock(host, { ...REQUEST, lockless: "no locks" }, done), "done");
  }
  assert.deepEqual(host.talk.said, ["warning: no locks"]);
});

Deno.test("withLock() acts without a folder that can be written, unless the lock is required", async () => {
  const host = memoryHost();
  host.files.fail("makeFolder");
  assert.equal(await withLock(host, REQUEST, done), "done");
  assert.equal(await withLock(host, { ...REQUEST, path: undefined }, done), "done");
  assert.deepEqual(host.talk.said, []);
  const required = withLock(host, { ...REQUEST, isRequired: true }, done);
  await assert.rejects(required, { code: "file-failed" });
});

Deno.test("withLock() takes the other path where no file can be made at the first", async () => {
  const host = memoryHost();
  host.files.fail("lock", `${PATH}.lock`);
  const request = { ...REQUEST, otherPath: "/store/", isRequired: true };
  await withLock(host, request, () => {
    assert.equal(host.files.tryLock("/store/.lock"), undefined);
    return "done";
  });
  host.files.fail("lock", "/store/.lock");
  await assert.rejects(withLock(host, request, done), { code: "file-failed" });
});
