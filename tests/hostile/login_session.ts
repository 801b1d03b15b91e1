/** A login session of a story's own, with a file store in it, in which commands run one after the other. */

import { requireService, runs } from "../services.ts";
import { hasKernelKeys, KERNEL_KEYS_INSTALL } from "../services/kernel_keyring.ts";
import { type FakeAws, startFakeAws } from "../servers/fake_aws.ts";
import { launch, programWords } from "../process/launch.ts";
import { writeProgram } from "../services/write_program.ts";

/** For the stories that need the kernel's keys. */
export const KERNEL_KEYS = requireService(
  "the kernel's keys",
  hasKernelKeys() && runs("keyctl", "--version"),
  `${KERNEL_KEYS_INSTALL}; Debian: keyutils`,
);

/** The passphrase of every store here. */
export const PASSPHRASE = "correct-horse-battery-staple";

/** Gives the passphrase for one command, as a person would who types it. */
export const TYPED = `--passphrase-command 'echo ${PASSPHRASE}'`;

/** A home with the keys of `dev` and `prod` in a file store, and an AWS that knows both. */
export interface Home extends AsyncDisposable {
  readonly aws: FakeAws;
  /** The folder of the file store. */
  readonly store: string;
  /** The environment in which `aws-vault` is the program. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Runs a shell script in a new session keyring, where `aws-vault` is the program, and gives what it
   * prints, line by line. A `name` makes the session keyring one that others may join.
   */
  inSession(script: string, options?: SessionOptions): Promise<string[]>;
}

/** How a session keyring is made. */
export interface SessionOptions {
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Makes a home; nothing of it is unlocked. */
export async function openHome(): Promise<Home> {
  const aws = await startFakeAws({ users: [{ name: "dev" }, { name: "prod" }] });
  const home = await Deno.makeTempDir();
  const env = {
    HOME: home,
    PATH: `${home}/bin:${Deno.env.get("PATH")}`,
    AWS_VAULT_BACKEND: "file",
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: "us-east-1",
  };
  await Deno.mkdir(`${home}/bin`);
  const words = programWords().map((word) => `'${word}'`).join(" ");
  writeProgram(`${home}/bin/aws-vault`, `#!/bin/sh\nexec ${words} "$@"\n`, 0o700);
  const opened: Home = {
    aws,
    store: `${home}/.awsvault/keys`,
    env,
    async inSession(script, { name = "-", env: more = {} } = {}) {
      const session = ["keyctl", "session", name, "sh", "-c", script];
      const { stdout, stderr } = await launch([], { ...env, ...more }, session).finished;
      const said = stderr.replace(/^Joined session keyring: .*\n/, "");
      return [...stdout.split("\n"), ...said.split("\n")].filter((line) => line !== "");
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(home, { recursive: true });
      await aws[Symbol.asyncDispose]();
    },
  };
  for (const user of ["dev", "prod"]) {
    const { id, secret } = aws.user(user).key;
    const key = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
    const passphrase = { AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE };
    await opened.inSession(`aws-vault add --env ${user}`, { env: { ...key, ...passphrase } });
  }
  return opened;
}
