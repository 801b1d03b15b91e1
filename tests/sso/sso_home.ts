/** A home whose config file names an Identity Center, and a clock that the fake AWS shares with the program. */

import { Home } from "../home.ts";
import type { Finished } from "../home.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import type { IdentityCenterSpec } from "../servers/identity_center.ts";

export const SESSION = `[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = us-east-1
`;

export const CONFIG = `${SESSION}
[profile dev]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin
`;

export class SsoHome extends Home {
  /** By how much sleeps have moved the clocks of both. */
  movedMs = 0;
  /** Whether standard error is a terminal. */
  hasTerminal = false;

  static async with(identityCenter: IdentityCenterSpec = {}, config = CONFIG): Promise<SsoHome> {
    const home = new SsoHome(await startFakeAws({ identityCenter }));
    home.write(".aws/config", config);
    return home;
  }

  /** Runs a command in this process; where it sleeps, the time passes at AWS as well. */
  override async run(...words: string[]): Promise<Finished> {
    return await this.runOn((host) => ({
      ...host,
      stderr: { ...host.stderr, isTerminal: () => this.hasTerminal },
      clock: {
        now: () => host.clock.now().add({ milliseconds: this.movedMs }),
        monotonicMs: () => performance.now() + this.movedMs,
        sleep: (ms, signal) => this.#sleep(ms, signal),
      },
    }), ...words);
  }

  /** Lets the time pass. */
  pass(ms: number): void {
    this.movedMs += Math.ceil(ms);
    this.aws.world.clockOffsetMs += Math.ceil(ms);
  }

  #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.pass(ms);
    return Promise.resolve();
  }

  async export(...flags: string[]): Promise<Finished> {
    return await this.run("export", "--format=json", ...flags, "dev");
  }
}
