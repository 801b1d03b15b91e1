/** A running `serve` of a test's own. */

import assert from "node:assert/strict";
import type { FakeAwsOptions } from "../servers/fake_aws.ts";
import { Home } from "../home.ts";
import type { Launched } from "./launch.ts";

/** What a program needs of a grant. */
export interface Granted {
  readonly uri: string;
  readonly token: string;
}

/** What a program got: the status, and whose credentials these are, or the code of the refusal. */
export type Got = readonly [status: number, whose: string];

/** A home in which profile `work` has a key, `admin` is a role of it, and `device` needs a code. */
export async function openServeHome(options: FakeAwsOptions = {}): Promise<Home> {
  const home = await Home.open({
    users: [{ name: "work", mfa: [{ codes: ["123456"] }] }],
    roles: [{ name: "admin" }],
    ...options,
  });
  // A socket's path is short on macOS.
  home.env["AWS_VAULT_STATE_DIR"] = `${home.path}/state`;
  const { account } = home.aws.world;
  home.write(
    ".aws/config",
    `[profile work]
region = eu-west-1
[profile admin]
region = eu-west-3
role_arn = arn:aws:iam::${account}:role/admin
source_profile = work
[profile device]
mfa_serial = arn:aws:iam::${account}:mfa/work
source_profile = work
`,
  );
  await home.as("work").succeed("add", "--env", "work");
  delete home.env["AWS_ACCESS_KEY_ID"];
  delete home.env["AWS_SECRET_ACCESS_KEY"];
  return home;
}

/** Starts `serve`, and waits until it answers; what it prints then is one write. */
export async function startServe(home: Home, ...words: string[]): Promise<Serving> {
  const program = home.start(["serve", ...words]);
  return new Serving(home, program, await program.untilPrinted("Serving on http://"));
}

/** A server that runs. */
export class Serving {
  readonly home: Home;
  readonly program: Launched;
  readonly url: string;
  /** The grants that it was started with, in order. */
  readonly started: readonly Granted[];

  constructor(home: Home, program: Launched, printed: string) {
    this.home = home;
    this.program = program;
    this.url = /^Serving on (http:\S+)$/m.exec(printed)![1]!;
    this.started = [...printed.matchAll(/_FULL_URI=(\S+)\n.*_TOKEN=(\S+)/g)]
      .map(([, uri = "", token = ""]) => ({ uri, token }));
  }

  /** Makes a grant as scripts do. */
  async grant(...words: string[]): Promise<Granted> {
    return parseGrant((await this.home.succeed("grant", ...words)).stdout);
  }

  /** What a program with a grant gets; of another path where one is given. */
  ask({ uri, token }: Granted, path?: string): Promise<Got> {
    return askAs(this.home, path === undefined ? uri : `${this.url}${path}`, token);
  }
}

/** What `grant` prints in the formats `env`, `export-env` and `docker-env`. */
export function parseGrant(printed: string): Granted {
  const value = (name: string) => new RegExp(`${name}=(\\S+)`).exec(printed)?.[1];
  const uri = value("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  const token = value("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  assert(uri !== undefined && token !== undefined, printed);
  return { uri, token };
}

/** Asks as an SDK does. */
export async function askAs(home: Home, uri: string, token: string): Promise<Got> {
  const response = await fetch(uri, { headers: { authorization: token } });
  const body = await response.json();
  if (response.status !== 200) return [response.status, body.Code];
  return [200, whose(home, body.AccessKeyId, body.Token)];
}

/** `user/work`, `assumed-role/admin`. */
export function whose({ aws }: Home, accessKeyId: string, token: string): string {
  const { arn } = aws.world.credentialsOf(accessKeyId, token).caller;
  return arn.split(":").at(-1)!.split("/").slice(0, 2).join("/");
}
