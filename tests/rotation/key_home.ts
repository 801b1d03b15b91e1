/** One user's key in a home, which is rotated: in this process, except for what is to be killed. */

import assert from "node:assert/strict";
import { type Finished, Home, PASSPHRASE } from "../home.ts";
import type { Launched } from "../process/launch.ts";
import { type FakeAwsOptions, startFakeAws } from "../servers/fake_aws.ts";
import type { AccessKey, User, UserSpec } from "../servers/users.ts";
import { leaksBelow } from "../stories/leaks.ts";

/** Opens a home with the key of a user `work` stored under that name. */
export async function openKeyHome(
  options: FakeAwsOptions & {
    readonly user?: Partial<UserSpec>;
    /** The config file; `{home}` is filled in. */
    readonly config?: string;
    /** What the program `next-code` of the home folder prints, one line a call. */
    readonly codes?: readonly string[];
  } = {},
): Promise<KeyHome> {
  const { user, config = "", codes = [], ...rest } = options;
  const home = new KeyHome(await startFakeAws({ users: [{ name: "work", ...user }], ...rest }));
  home.write(".aws/config", config.replaceAll("{home}", home.path));
  home.writeCodes(codes);
  await home.as("work").succeed("add", "--env", "work");
  return home;
}

export class KeyHome extends Home {
  get user(): User {
    return this.aws.user("work");
  }

  writeCodes(codes: readonly string[]): void {
    this.write("codes", codes.map((code) => code + "\n").join(""));
    this.write("next-code", "#!/bin/sh\nhead -n 1 ~/codes\nsed -i.old 1d ~/codes\n", 0o700);
  }

  /** The codes that were not asked for. */
  codesLeft(): string[] {
    return this.read("codes")!.split("\n").slice(0, -1);
  }

  /** Starts `rotate`, kills it (SIGKILL) while a call hangs, and lets the call go on. */
  async killWhileHanging(...words: string[]): Promise<void> {
    const child = this.start(words);
    await Promise.race([this.aws.faults.untilHanging(), endedEarly(child)]);
    child.kill("SIGKILL");
    this.findLeaks(words, await child.finished);
    this.aws.faults.release();
  }

  /** What must hold at every moment: the stored key works, and what else exists is known to be pending. */
  async assertUsable(): Promise<void> {
    const stored = await this.storedKeyId();
    const keys = this.user.keys;
    assert(keys.some(({ id, active }) => id === stored && active), "the stored key is not active");
    if (keys.length === 1) return;
    const { stderr } = await this.succeed("list");
    assert.match(
      stderr,
      /^note: A rotation of profile "work" is pending; finish it: aws-vault rotate --resume work$/m,
    );
  }

  /** Resumes, and shows that one key is left: the stored one, and not the one of the beginning. */
  async assertResumes(...flags: string[]): Promise<Finished> {
    const finished = await this.succeed("rotate", "--resume", ...flags, "work");
    await this.assertSettled();
    return finished;
  }

  /** Exactly one key exists, active, and it is the stored one; nothing is pending. */
  async assertSettled(): Promise<AccessKey> {
    const key = this.user.key;
    assert.deepEqual(this.user.keys.map(({ id, active }) => ({ id, active })), [
      { id: await this.storedKeyId(), active: true },
    ]);
    const { stdout } = await this.succeed("rotate", "--resume", "work");
    assert.equal(stdout, 'No rotation of profile "work" is pending\n');
    return key;
  }

  /** None is in a file of the home either. */
  override findLeaks(words: readonly string[], finished: Finished): void {
    super.findLeaks(words, finished);
    const secrets = new Map(this.aws.secrets().map((secret) => [secret, "a key or token"]));
    secrets.set(PASSPHRASE, "the passphrase");
    assert.deepEqual(leaksBelow(this.path, secrets, new Set()), []);
  }
}

async function endedEarly(child: Launched): Promise<never> {
  const { code, stderr } = await child.finished;
  throw new Error(`the program ended (${code}) before the call that was to hang: ${stderr}`);
}
