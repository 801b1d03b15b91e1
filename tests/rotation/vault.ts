/** One user's key in a throw-away home, against an AWS of its own, by the program's real entry point. */

import assert from "node:assert/strict";
import { type FakeAws, type FakeAwsOptions, startFakeAws } from "../servers/fake_aws.ts";
import type { AccessKey, User, UserSpec } from "../servers/users.ts";
import { holds, leaksBelow } from "../stories/leaks.ts";
import { launch, type Launched } from "../process/launch.ts";

const PASSPHRASE = "correct-horse-battery-staple";

/** What a command left. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Opens a vault with the key of a user `work` stored under that name. */
export async function openVault(
  options: FakeAwsOptions & {
    readonly user?: Partial<UserSpec>;
    readonly config?: string;
    /** What the program `next-code` of the home folder prints, one line a call. */
    readonly codes?: readonly string[];
  } = {},
): Promise<Vault> {
  const { user, config = "", codes = [], ...rest } = options;
  const aws = await startFakeAws({ users: [{ name: "work", ...user }], ...rest });
  const vault = new Vault(aws);
  vault.writeConfig(config);
  vault.writeCodes(codes);
  await vault.succeed(["add", "--env", "work"], {
    AWS_ACCESS_KEY_ID: vault.user.key.id,
    AWS_SECRET_ACCESS_KEY: vault.user.key.secret,
  });
  return vault;
}

export class Vault implements AsyncDisposable {
  readonly aws: FakeAws;
  readonly home = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "rotation-test-" }));
  readonly keys = `${this.home}/.awsvault/keys`;
  readonly #children: Launched[] = [];

  constructor(aws: FakeAws) {
    this.aws = aws;
  }

  get user(): User {
    return this.aws.user("work");
  }

  /** Fills in `{home}`. */
  writeConfig(text: string): void {
    Deno.mkdirSync(`${this.home}/.aws`);
    Deno.writeTextFileSync(`${this.home}/.aws/config`, text.replaceAll("{home}", this.home));
  }

  writeCodes(codes: readonly string[]): void {
    Deno.writeTextFileSync(`${this.home}/codes`, codes.map((code) => code + "\n").join(""));
    const script = "#!/bin/sh\nhead -n 1 ~/codes\nsed -i.old 1d ~/codes\n";
    Deno.writeTextFileSync(`${this.home}/next-code`, script, { mode: 0o700 });
  }

  /** The codes that were not asked for. */
  codesLeft(): string[] {
    return Deno.readTextFileSync(`${this.home}/codes`).split("\n").slice(0, -1);
  }

  /** Starts the program and lets it run. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Launched {
    const child = launch(args, {
      HOME: this.home,
      SHELL: "/bin/sh",
      AWS_VAULT_BACKEND: "file",
      AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE,
      AWS_VAULT_FILE_UNLOCK_TTL: "0",
      AWS_ENDPOINT_URL: this.aws.url,
      AWS_REGION: "us-east-1",
      ...env,
    });
    this.#children.push(child);
    return child;
  }

  /** Runs the program to its end; nothing that it says may hold a secret. */
  async run(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Finished> {
    const finished = await this.start(args, env).finished;
    this.#findLeaks(finished);
    return finished;
  }

  async succeed(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Finished> {
    const finished = await this.run(args, env);
    assert.equal(finished.code, 0, `${args.join(" ")}: ${finished.stderr}`);
    return finished;
  }

  /** Starts `rotate`, kills it (SIGKILL) while a call hangs, and lets the call go on. */
  async killWhileHanging(args: readonly string[], env: Record<string, string> = {}): Promise<void> {
    const child = this.start(args, env);
    await Promise.race([this.aws.faults.untilHanging(), endedEarly(child)]);
    child.kill("SIGKILL");
    this.#findLeaks(await child.finished);
    this.aws.faults.release();
  }

  /** What must hold at every moment: the stored key works, and what else exists is known to be pending. */
  async assertUsable(): Promise<void> {
    const stored = await this.storedKeyId();
    const keys = this.user.keys;
    assert(keys.some(({ id, active }) => id === stored && active), "the stored key is not active");
    if (keys.length === 1) return;
    const { stderr } = await this.succeed(["list"]);
    assert.match(
      stderr,
      /^note: A rotation of profile "work" is pending; finish it: aws-vault rotate --resume work$/m,
    );
  }

  /** The id of the key that `exec --no-session` hands out at once. */
  async storedKeyId(): Promise<string> {
    const shell = ["sh", "-c", "echo $AWS_ACCESS_KEY_ID"];
    return (await this.succeed(["exec", "--no-session", "work", "--", ...shell])).stdout.trim();
  }

  /** Resumes, and shows that one key is left: the stored one, and not the one of the beginning. */
  async assertResumes(...flags: string[]): Promise<Finished> {
    const finished = await this.succeed(["rotate", "--resume", ...flags, "work"]);
    await this.assertSettled();
    return finished;
  }

  /** Exactly one key exists, active, and it is the stored one; nothing is pending. */
  async assertSettled(): Promise<AccessKey> {
    const key = this.user.key;
    assert.deepEqual(this.user.keys.map(({ id, active }) => ({ id, active })), [
      { id: await this.storedKeyId(), active: true },
    ]);
    const { stderr } = await this.succeed(["rotate", "--resume", "work"]);
    assert.equal(stderr, 'No rotation of profile "work" is pending\n');
    return key;
  }

  #findLeaks({ stdout, stderr }: Finished): void {
    const secrets = new Map(this.aws.secrets().map((secret) => [secret, "a key or token"]));
    secrets.set(PASSPHRASE, "the passphrase");
    assert.deepEqual(leaksBelow(this.home, secrets, new Set()), []);
    for (const secret of secrets.keys()) {
      assert(!holds(stdout, secret) && !holds(stderr, secret), "the output holds a secret");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    for (const child of this.#children) await child.finished;
    await Deno.remove(this.home, { recursive: true });
    await this.aws[Symbol.asyncDispose]();
  }
}

async function endedEarly(child: Launched): Promise<never> {
  const { code, stderr } = await child.finished;
  throw new Error(`the program ended (${code}) before the call that was to hang: ${stderr}`);
}
