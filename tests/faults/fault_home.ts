/** A home in which calls go wrong: where the program sleeps, the time passes at once, and what hangs times out. */

import type { Host } from "../../src/host.ts";
import { HttpFailure } from "../../src/http.ts";
import type { Finished } from "../home.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import { PROVIDER } from "../servers/saml.ts";
import { SsoHome } from "../sso/sso_home.ts";

export const ROLE = "arn:aws:iam::111122223333:role/deploy";

/** As long as a person has for a sign-in: that does not pass by itself. */
const SIGN_IN_MS = 10 * 60_000;

export class FaultHome extends SsoHome {
  /** A home whose AWS knows a user `ann`, the role `deploy` and an Identity Center. */
  static override async open(): Promise<FaultHome> {
    const trusts = ["rolesanywhere.amazonaws.com", PROVIDER, "arn:aws:iam::111122223333:user/ann"];
    const roles = [{ name: "deploy", subjects: ["repo:a"], trusts }];
    return new FaultHome(await startFakeAws({ users: [{ name: "ann" }], roles }));
  }

  /** Writes the config file with one profile `work` behind these lines. */
  configure(settings: Readonly<Record<string, string>>, before = ""): void {
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
    this.write(".aws/config", `${before}[profile work]\n${lines.join("")}`);
  }

  /** A browser in which the person signs in at once. */
  openBrowser(): void {
    this.write("browser", '#!/bin/sh\nexec curl -sL "$1" > /dev/null\n', 0o700);
    this.env["AWS_VAULT_BROWSER"] = `${this.path}/browser`;
  }

  override async runOn(change: (host: Host) => Host, ...words: string[]): Promise<Finished> {
    return await super.runOn((host) => this.#timeOut(change(host)), ...words);
  }

  /** A call that hangs has no answer in time; a person is waited for. */
  #timeOut(host: Host): Host {
    const { faults } = this.aws;
    return {
      ...host,
      clock: {
        ...host.clock,
        sleep: (ms, signal) =>
          ms < SIGN_IN_MS ? host.clock.sleep(ms, signal) : new Promise((_, reject) => {
            signal?.addEventListener("abort", () => reject(signal.reason));
          }),
      },
      http: {
        async send(request) {
          const end = new AbortController();
          const late = faults.untilMoreHang(faults.hung).then(() => {
            throw new HttpFailure("timeout", `no answer within ${request.timeoutMs / 1000} s`);
          });
          const answer = host.http.send({ ...request, signal: end.signal });
          answer.catch(() => {});
          try {
            return await Promise.race([answer, late]);
          } finally {
            end.abort();
          }
        },
      },
    };
  }
}
