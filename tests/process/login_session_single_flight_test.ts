import assert from "node:assert/strict";
import { Home, NOT_ON_WINDOWS } from "../home.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import { requireService, runs } from "../services.ts";
import type { Launched } from "./launch.ts";
import { startWaiting } from "./start_waiting.ts";

const CURL = requireService("curl", runs("curl", "--version"), "apt install curl");

/** A home with a `login_session` and a role behind it, and a browser that opens a page as fast as a person. */
class SigninHome extends Home {
  static override async open(): Promise<SigninHome> {
    const users = [{ name: "ann" }];
    const roles = [{ name: "admin", trusts: ["arn:aws:iam::111122223333:user/ann"] }];
    const home = new SigninHome(await startFakeAws({ users, roles }));
    home.write(
      ".aws/config",
      "[profile ann]\nlogin_session = arn:aws:iam::111122223333:user/ann\n" +
        "[profile admin]\nsource_profile = ann\nrole_arn = arn:aws:iam::111122223333:role/admin\n",
    );
    home.write(
      "browser",
      '#!/bin/sh\necho opened >> ~/opened\nuntil test -e ~/answer; do sleep 0.05; done\ncurl -sL "$1"\n',
      0o700,
    );
    home.env["AWS_VAULT_BROWSER"] = `${home.path}/browser`;
    return home;
  }

  export(profile: string, ...flags: string[]): Launched {
    return this.start(["export", "--format=json", ...flags, profile]);
  }

  /** How often each call was made since the last time this was asked. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const call of this.aws.takeCalls()) counts[call] = (counts[call] ?? 0) + 1;
    return counts;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.write("answer", "");
    await super[Symbol.asyncDispose]();
  }
}

/** Waits for all, and gives what each said. */
async function endWell(children: readonly Launched[]): Promise<string[]> {
  const results = await Promise.all(children.map(({ finished }) => finished));
  assert.deepEqual(new Set(results.map(({ code }) => code)), new Set([0]), results[0]!.stderr);
  return results.map(({ stderr }) => stderr);
}

Deno.test({
  ...NOT_ON_WINDOWS,
  ...CURL,
  name: "100 processes at an ended login_session: one browser tab, one login",
  async fn() {
    await using home = await SigninHome.open();
    home.write("answer", "");
    // Credentials that live for less than is asked of them are worn at once.
    home.aws.world.signin.spec = { tokenSeconds: 60 };
    await endWell([home.export("ann")]);
    home.aws.world.signin.spec = {};
    home.aws.world.signin.endAll();
    Deno.removeSync(`${home.path}/answer`);
    Deno.removeSync(`${home.path}/opened`);
    home.aws.takeCalls();
    const children = await startWaiting(
      home,
      100,
      (i) => home.export(i % 2 ? "ann" : "admin", "--wait=5m", "--debug"),
    );
    home.write("answer", "");
    for (const child of children) child.kill("SIGCONT");
    await endWell(children);
    assert.equal(home.read("opened"), "opened\n");
    const { "AssumeRole admin by session/ann for 3600s": roles, ...others } = home.counts();
    assert.equal(roles, 1);
    assert.deepEqual(others, {
      "CreateOAuth2Token by refresh by nobody -> 401 AccessDeniedException": 1,
      "AuthorizeSignin by nobody": 1,
      "CreateOAuth2Token by code by sso/ann": 1,
    });
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  ...CURL,
  name: "100 processes at worn credentials of a login_session: one refresh, nobody is asked",
  async fn() {
    await using home = await SigninHome.open();
    home.write("answer", "");
    home.aws.world.signin.spec = { tokenSeconds: 60 };
    await endWell([home.export("ann")]);
    home.aws.world.signin.spec = {};
    home.aws.takeCalls();
    home.aws.fault({ kind: "delay", action: "CreateOAuth2Token", ms: 1000 });
    const children = Array.from(
      { length: 100 },
      (_, i) => home.export(i % 2 ? "ann" : "admin", "--no-prompt", "--debug", "--wait=5m"),
    );
    // By who called, and not by calls: a machine under load has one sent again after 10 s.
    const said = await endWell(children);
    assert.equal(said.filter((text) => text.includes("CreateOAuth2Token")).length, 1);
    assert.equal(home.read("opened"), "opened\n");
  },
});
