import assert from "node:assert/strict";
import { Home, keyVariables, NOT_ON_WINDOWS } from "../home.ts";
import { type FakeAwsOptions, startFakeAws } from "../servers/fake_aws.ts";
import { requireService } from "../services.ts";
import { everyBackend, uniqueProfile } from "../services/every_backend.ts";
import { hasKernelKeys, KERNEL_KEYS_INSTALL } from "../services/kernel_keyring.ts";
import type { Launched } from "./launch.ts";
import { startWaiting } from "./start_waiting.ts";

const KERNEL_KEYS = requireService("the kernel's keys", hasKernelKeys(), KERNEL_KEYS_INSTALL);
const KERNEL_STORE = everyBackend().find(({ name }) => name === "keyctl");

/** A home with the key of a user, and the processes that ask for credentials at once. */
class Crowd extends Home {
  /** Kernel keys are the whole user's: a name of its own keeps runs apart. */
  readonly name = uniqueProfile();

  static override async open(options: FakeAwsOptions = {}, backend = "file"): Promise<Crowd> {
    const user = { name: "work", mfa: [{ codes: ["111111", "222222"] }] };
    const crowd = new Crowd(await startFakeAws({ users: [user], ...options }));
    crowd.env["AWS_VAULT_BACKEND"] = backend;
    const added = crowd.start(["add", "--env", crowd.name], keyVariables(crowd.aws, "work"));
    const { code, stderr } = await added.finished;
    assert.equal(code, 0, stderr);
    crowd.#writePrograms();
    crowd.write(".aws/config", crowd.#config());
    return crowd;
  }

  export(profile = this.name, ...flags: string[]): Launched {
    return this.start(["export", "--format=json", ...flags, profile]);
  }

  exportMany(count: number, profile = this.name): Launched[] {
    return Array.from({ length: count }, () => this.export(profile));
  }

  /** How often a code, or the program's credentials, were asked for. */
  asked(): number {
    return (this.read("asked") ?? "").split("\n").length - 1;
  }

  /** Takes the lock of the credentials that were asked for, which nobody else can have until it is let go. */
  holdSessionLock(): Deno.FsFile {
    const folder = `${this.path}/.awsvault/state/locks`;
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    const [name, ...others] = names.filter((name) => /^session-.*\.lock$/.test(name));
    assert.deepEqual(others, []);
    const file = Deno.openSync(`${folder}/${name}`, { write: true });
    file.lockSync(true);
    return file;
  }

  /** Asking is one line in a file; the n-th question is answered with the n-th code. */
  #writePrograms(): void {
    const code = "#!/bin/sh\necho asked >> ~/asked\nwhile test -e ~/hold; do sleep 0.05; done\n" +
      "case $(wc -l < ~/asked) in 1) echo 111111;; *) echo 222222;; esac\n";
    this.write("ask-code", code, 0o700);
    const json = {
      Version: 1,
      AccessKeyId: "ASIAEXAMPLE",
      SecretAccessKey: "s",
      SessionToken: "t",
    };
    const source =
      `#!/bin/sh\necho asked >> ~/asked\nuntil test -e ~/answer; do sleep 0.05; done\n` +
      `echo '${JSON.stringify({ ...json, Expiration: "2099-01-01T00:00:00Z" })}'\n`;
    this.write("ask-program", source, 0o700);
  }

  #config(): string {
    const mfa = "mfa_serial = arn:aws:iam::111122223333:mfa/work\n" +
      `mfa_process = ${this.path}/ask-code\n`;
    const role = (name: string) =>
      `[profile ${name}]\nsource_profile = ${this.name}\n` +
      `role_arn = arn:aws:iam::111122223333:role/${name}\n${mfa}duration_seconds = 7200\n`;
    return `[profile ${this.name}]\n${mfa}\n${role("one")}\n${role("two")}\n` +
      `[profile program]\ncredential_process = ${this.path}/ask-program\n`;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#letGo();
    if (this.env["AWS_VAULT_BACKEND"] === "keyctl") {
      await this.start(["remove", "--force", this.name]).finished;
    }
    await super[Symbol.asyncDispose]();
  }

  /** Ends the helpers that are held: else they would keep the streams of their killed parents. */
  #letGo(): void {
    this.write("answer", "");
    if (this.read("hold") !== undefined) Deno.removeSync(`${this.path}/hold`);
  }
}

/**
 * That all have ended well with the same credentials; their output is at most whom they waited for.
 */
async function assertSame(children: readonly Launched[]): Promise<void> {
  const results = await Promise.all(children.map((child) => child.finished));
  for (const { code, stderr } of results) {
    assert.match(
      `${code} ${stderr.replace(/^debug: .*\n/gm, "")}`,
      /^0 (note: Waiting for another aws-vault.*\n)?$/,
    );
  }
  assert.equal(new Set(results.map(({ stdout }) => stdout)).size, 1);
  assert.match(JSON.parse(results[0]!.stdout).AccessKeyId, /^ASIA/);
}

const SESSION = "GetSessionToken by key/work for 3600s with MFA";

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "24 processes ask for one MFA profile at once: one question, one call, 24 equal answers",
  async fn() {
    await using crowd = await Crowd.open();
    crowd.aws.fault({ kind: "delay", action: "GetSessionToken", ms: 1500 });
    await assertSame(crowd.exportMany(24));
    assert.equal(crowd.asked(), 1);
    assert.deepEqual(crowd.aws.takeCalls(), [SESSION]);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  ...KERNEL_KEYS,
  name:
    "200 processes wait for one answer, and have it within 10 s, without their turn at the lock",
  async fn() {
    await using _ = await KERNEL_STORE!.start();
    await using crowd = await Crowd.open({}, "keyctl");
    // `mfa_process` has 55 s, in which all are started.
    crowd.write("hold", "");
    const children = await startWaiting(
      crowd,
      200,
      () => crowd.export(crowd.name, "--wait=5m", "--debug"),
    );
    const answeredAt = performance.now();
    Deno.removeSync(`${crowd.path}/hold`);
    // The one that asks: the others are stopped.
    await Promise.race(children.map(({ finished }) => finished));
    using _lock = crowd.holdSessionLock();
    for (const child of children) child.kill("SIGCONT");
    await assertSame(children);
    const tookMs = performance.now() - answeredAt;
    console.log(`all 200 had the answer after ${Math.round(tookMs)} ms`);
    assert(tookMs < 10_000, `${tookMs} ms`);
    assert.equal(crowd.asked(), 1);
    assert.deepEqual(crowd.aws.takeCalls(), [SESSION]);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "the holder is killed while AWS hangs: the next is through within 5 s",
  async fn() {
    await using crowd = await Crowd.open();
    crowd.aws.fault({ kind: "hang-instead", action: "GetSessionToken" });
    const holder = crowd.export();
    await crowd.aws.faults.untilHanging();
    const others = crowd.exportMany(3);
    for (const other of others) await other.untilSaid(`(pid ${holder.pid}, profile `);
    holder.kill("SIGKILL");
    const killedAt = performance.now();
    await assertSame(others);
    assert(performance.now() - killedAt < 5_000, `${performance.now() - killedAt} ms`);
    assert.equal(crowd.asked(), 2);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "waiting is bounded by --wait, and ends with exit 4 and the holder's name",
  async fn() {
    await using crowd = await Crowd.open();
    crowd.aws.fault({ kind: "hang", action: "GetSessionToken" });
    const holder = crowd.export();
    await crowd.aws.faults.untilHanging();
    const { code, stdout, stderr } = await crowd.export(crowd.name, "--wait", "1s").finished;
    assert.deepEqual({ code, stdout, stderr }, {
      code: 4,
      stdout: "",
      stderr: `error: Cannot get credentials for "${crowd.name}": another aws-vault ` +
        `(pid ${holder.pid}, profile "${crowd.name}") did not finish in time\n` +
        `hint: Answer the prompt of process ${holder.pid}, or end it\n` +
        "hint: Wait longer with --wait\n",
    });
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a failure is not shared: who waited asks itself",
  async fn() {
    await using crowd = await Crowd.open();
    crowd.aws.fault({ kind: "hang", action: "GetSessionToken" });
    const holder = crowd.export();
    await crowd.aws.faults.untilHanging();
    // The holder's own failure: the code that it shows is used up while its call hangs.
    crowd.aws.user("work").device.accept("111111", Date.now());
    const other = crowd.export();
    await other.untilSaid(`(pid ${holder.pid}, profile `);
    crowd.aws.faults.release();
    assert.equal((await holder.finished).code, 5);
    await assertSame([other]);
    assert.equal(crowd.asked(), 2);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "two roles of one device do not ask at the same moment",
  async fn() {
    const roles = ["one", "two"].map((name) => ({ name, mfa: true, maxSessionSeconds: 7200 }));
    await using crowd = await Crowd.open({ roles });
    crowd.aws.fault({ kind: "hang", action: "AssumeRole" });
    const first = crowd.export("one");
    await crowd.aws.faults.untilHanging();
    const second = crowd.export("two");
    await second.untilSaid(`note: Waiting for another aws-vault (pid ${first.pid}, profile "one")`);
    assert.equal(crowd.asked(), 1);
    crowd.aws.faults.release();
    const results = await Promise.all([first.finished, second.finished]);
    assert.deepEqual(results.map(({ code }) => code), [0, 0]);
    assert.deepEqual(crowd.aws.takeCalls(), [
      "AssumeRole one by key/work for 7200s with MFA",
      "AssumeRole two by key/work for 7200s with MFA",
    ]);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a credential_process runs once for all who ask at once",
  async fn() {
    await using crowd = await Crowd.open();
    const children = crowd.exportMany(8, "program");
    await Promise.any(children.map((child) => child.untilSaid("Waiting for another aws-vault")));
    crowd.write("answer", "");
    await assertSame(children);
    assert.equal(crowd.asked(), 1);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "who brings a code is not held up by another process",
  async fn() {
    await using crowd = await Crowd.open();
    crowd.aws.fault({ kind: "hang", action: "GetSessionToken" });
    const holder = crowd.export();
    await crowd.aws.faults.untilHanging();
    const { code, stderr } = await crowd.export(crowd.name, "-t", "222222").finished;
    assert.equal(code, 0, stderr);
    crowd.aws.faults.release();
    assert.equal((await holder.finished).code, 0);
  },
});
