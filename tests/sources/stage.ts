/** Where sources of credentials are tried: a folder, an AWS, a keyring and the settings of a profile. */

import { openSessionCache } from "../../src/cache/session_cache.ts";
import { systemHost } from "../../src/system/host.ts";
import { findProgram } from "../../src/system/program_path.ts";
import type { TalkingHost } from "../../src/talk.ts";
import { MemoryKeyring } from "../fakes/memory_keyring.ts";
import { TalkRecorder } from "../fakes/memory_host.ts";
import { type FakeAws, startFakeAws } from "../servers/fake_aws.ts";
import { PROVIDER } from "../servers/saml.ts";
import { writeProgram } from "../services/write_program.ts";
import type { Scene } from "./source_contract.ts";

/** A folder, a user `0`, an AWS and a keyring of the test's own. */
export class Stage implements Scene, AsyncDisposable {
  readonly folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "source-" }));
  readonly settings: Record<string, string> = {};
  readonly sections: Record<string, Record<string, string>> = {};
  readonly env: Record<string, string> = { HOME: this.folder, PATH: Deno.env.get("PATH")! };
  readonly keys = new Set<string>();
  readonly keyring = new MemoryKeyring();
  readonly aws: FakeAws;
  user = "1000";

  constructor(aws: FakeAws) {
    this.aws = aws;
    this.env["AWS_ENDPOINT_URL"] = aws.url;
    this.env["AWS_REGION"] = "us-east-1";
  }

  get deps() {
    const { env, user } = this;
    const base = systemHost();
    // Who signs in there has a time limit.
    const isAtBrowser = this.settings["login_session"] !== undefined;
    const host: TalkingHost = {
      ...base,
      clock: { ...base.clock, ...isAtBrowser ? {} : { sleep: () => Promise.resolve() } },
      env: { get: (name) => env[name], all: () => env },
      programs: { ...base.programs, find: (name) => findProgram(name, env) },
      platform: { ...base.platform, user, home: this.folder },
      talk: new TalkRecorder(),
    };
    const keyring = () => Promise.resolve(this.keyring);
    const signIn = { mayPrompt: true, useDeviceCode: !isAtBrowser };
    return { host, keyring, cache: () => openSessionCache(host, keyring), signIn };
  }

  write(name: string, content: string): string {
    writeProgram(`${this.folder}/${name}`, content, 0o700);
    return `${this.folder}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.aws[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A stage on which a profile `p` starts with what is prepared. */
export async function stage(prepare: (stage: Stage) => void | Promise<void>): Promise<Stage> {
  const trusts = ["rolesanywhere.amazonaws.com", PROVIDER];
  const roles = [{ name: "deploy", subjects: ["repo:a"], trusts }];
  const made = new Stage(await startFakeAws({ roles }));
  await prepare(made);
  return made;
}

/** Scenes are made by {@linkcode stage}; the suite knows only their common part. */
export const on = (change: (stage: Stage) => void | Promise<void>) => (scene: Scene) =>
  change(scene as Stage);

/** Sets a setting of the profile. */
export const set = (name: string, value: string) =>
  on(({ settings }) => {
    settings[name] = value;
  });

/** Sets a variable. */
export const setEnv = (name: string, value: string) =>
  on(({ env }) => {
    env[name] = value;
  });
