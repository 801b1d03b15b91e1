/** One key that several commands change at once: a home, an AWS, and two ways to stop a command in the middle. */

import assert from "node:assert/strict";
import { openFileKeyring } from "../../backends/file/keyring.ts";
import { pendingName } from "../../src/credentials/key_names.ts";
import { readStoredKey, writeStoredKey } from "../../src/credentials/long_term_key.ts";
import { readPending } from "../../src/rotation/pending.ts";
import { Secret } from "../../src/secret.ts";
import { fileDeps } from "../contract/file_opener.ts";
import { type FakeAws, type FakeAwsOptions, startFakeAws } from "../servers/fake_aws.ts";
import type { AccessKey } from "../servers/users.ts";
import { uniqueProfile } from "../services/every_backend.ts";
import { launch, type Launched } from "./launch.ts";

/** What a command left. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program is killed, and the helpers are shell lines. */
export const NOT_ON_WINDOWS = { ignore: Deno.build.os === "windows" };

/** Opens a home in which the key of the user `work` is stored; the user `other` has a key as well. */
export async function openSameKey(options: FakeAwsOptions = {}): Promise<SameKey> {
  const aws = await startFakeAws({ users: [{ name: "work" }, { name: "other" }], ...options });
  const scene = new SameKey(aws);
  await scene.store(aws.user("work").key);
  return scene;
}

export class SameKey implements AsyncDisposable {
  readonly aws: FakeAws;
  /** Its own name in each test: the kernel has one keyring for all programs of a user. */
  readonly profile = uniqueProfile();
  readonly home = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "same-key-test-" }));
  readonly #passphrase = "correct-horse-battery-staple";
  readonly #children: Launched[] = [];
  readonly #first: string;

  constructor(aws: FakeAws) {
    this.aws = aws;
    this.#first = aws.user("work").key.id;
    Deno.mkdirSync(`${this.home}/.aws`);
    Deno.writeTextFileSync(`${this.home}/.aws/config`, `[profile ${this.profile}]\n`);
    const { id, secret } = aws.user("other").key;
    Deno.writeTextFileSync(
      `${this.home}/plain`,
      `[${this.profile}]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`,
    );
    Deno.writeTextFileSync(`${this.home}/new-passphrase`, "another passphrase\n");
  }

  /** The words of a command; what it stores is the key of `other`. */
  words(command: Command): string[] {
    return [...COMMANDS[command], this.profile].map((word) => word.replace("{home}", this.home))
      .slice(0, command === "change-passphrase" ? -1 : undefined);
  }

  /** Starts a command under `--debug`, which says what lock is waited for. */
  start(command: Command | readonly string[], env: Readonly<Record<string, string>> = {}) {
    const words = typeof command === "string" ? this.words(command) : command;
    const { id, secret } = this.aws.user("other").key;
    const child = launch([...words, "--debug"], {
      HOME: this.home,
      AWS_VAULT_BACKEND: "file",
      AWS_VAULT_FILE_PASSPHRASE: this.#passphrase,
      AWS_VAULT_FILE_UNLOCK_TTL: "0",
      AWS_ENDPOINT_URL: this.aws.url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: id,
      AWS_SECRET_ACCESS_KEY: secret,
      ...env,
    });
    this.#children.push(child);
    return child;
  }

  async run(command: Command | readonly string[], env: Readonly<Record<string, string>> = {}) {
    return await this.start(command, env).finished;
  }

  /**
   * Runs the first command until it is in the middle of its change, then the second until it waits for
   * the first, then both to their ends.
   */
  async overlap(first: Command, second: Command): Promise<readonly [Finished, Finished]> {
    const [earlier, goOn] = await this.stopInside(first);
    const later = this.start(second);
    await later.untilSaid("debug: Waiting for the lock ");
    goOn();
    return await Promise.all([earlier.finished, later.finished]);
  }

  /** A command that holds its locks: `rotate` waits for AWS, the others for the store's folder. */
  async stopInside(command: Command): Promise<readonly [Launched, () => void]> {
    if (command === "rotate") {
      this.aws.fault({ kind: "hang", action: "CreateAccessKey" });
      const child = this.start(command);
      await Promise.race([this.aws.faults.untilHanging(), endedEarly(child)]);
      return [child, () => this.aws.faults.release()];
    }
    const lock = Deno.openSync(`${this.home}/.awsvault/keys.lock`, { create: true, write: true });
    await lock.lock(true);
    const child = this.start(command);
    await child.untilSaid(`debug: Waiting for the lock ${this.home}/.awsvault/keys.lock`);
    return [child, () => lock.close()];
  }

  /** Stores a key as another tool does, which knows nothing of our locks. */
  async store({ id, secret }: AccessKey): Promise<void> {
    const key = { accessKeyId: id, secretAccessKey: new Secret(secret) };
    await writeStoredKey(this.#open(), this.profile, key);
  }

  /** The stored key's id, and the ids that a pending rotation knows. */
  async stored(passphrase = this.#passphrase) {
    const keyring = this.#open(passphrase);
    const pending = await keyring.has(pendingName(this.profile))
      ? await readPending(keyring, this.profile)
      : undefined;
    return {
      key: (await readStoredKey(keyring, this.profile))?.accessKeyId,
      pending: pending && [pending.oldKeyId, pending.newKey?.accessKeyId],
    };
  }

  /** The ids of a user's keys in AWS that are active. */
  keysOf(user: string): string[] {
    return this.aws.user(user).keys.filter(({ active }) => active).map(({ id }) => id);
  }

  /** Nothing is pending, and each user has one key: `rotate` left none behind, and deleted none of the stored. */
  async assertSettled(expected: string | undefined, passphrase?: string): Promise<void> {
    assert.deepEqual(await this.stored(passphrase), { key: expected, pending: undefined });
    for (const user of ["work", "other"]) assert.equal(this.aws.user(user).keys.length, 1, user);
    const known = [...this.keysOf("work"), ...this.keysOf("other")];
    if (expected !== undefined) assert(known.includes(expected), "the stored key is not in AWS");
  }

  /** A key that a rotation made is named by the command that took it out of the keystore. */
  assertKnown(said: string, command: Command): void {
    for (const { id } of this.aws.user("work").keys) {
      if (id === this.#first) continue;
      const name = command === "remove" ? "Check the IAM console" : `hint: Key ${id} `;
      assert(said.includes(name), `${id} is in AWS, and ${command} does not say so: ${said}`);
    }
  }

  #open(passphrase = this.#passphrase) {
    const folder = `${this.home}/.awsvault/keys`;
    return openFileKeyring(fileDeps({ passphrase }), { folder, passphrase: {}, mayPrompt: false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    for (const child of this.#children) await child.finished;
    await Deno.remove(this.home, { recursive: true });
    await this.aws[Symbol.asyncDispose]();
  }
}

const COMMANDS = {
  rotate: ["rotate"],
  add: ["add", "--env", "--force"],
  remove: ["remove", "--force"],
  import: ["import", "--from", "{home}/plain", "--force", "--profile"],
  migrate: [
    "migrate-backend",
    "--from=file",
    "--to=keyctl",
    "--delete-source",
    "--profile",
  ],
  "change-passphrase": [
    "change-passphrase",
    "--new-passphrase-command",
    "cat {home}/new-passphrase",
  ],
} as const;

/** A command that changes keys. */
export type Command = keyof typeof COMMANDS;

async function endedEarly(child: Launched): Promise<never> {
  const { code, stderr } = await child.finished;
  throw new Error(`the program ended (${code}) before it could be stopped: ${stderr}`);
}
