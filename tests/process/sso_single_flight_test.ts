import assert from "node:assert/strict";
import { Home, NOT_ON_WINDOWS } from "../home.ts";
import { type FakeAwsOptions, startFakeAws } from "../servers/fake_aws.ts";
import { requireService, runs } from "../services.ts";
import type { Launched } from "./launch.ts";
import { startWaiting } from "./start_waiting.ts";

const CURL = requireService("curl", runs("curl", "--version"), "apt install curl");

/** A home with two roles of one sso-session, and a browser that opens a page at most as fast as a person. */
class Portal extends Home {
  static override async open(options: FakeAwsOptions = {}): Promise<Portal> {
    const portal = new Portal(await startFakeAws(options));
    const role = (name: string) =>
      `[profile ${name}]\nsso_session = corp\nsso_account_id = 111122223333\n` +
      `sso_role_name = ${name}\n`;
    portal.write(
      ".aws/config",
      "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n" +
        `sso_region = us-east-1\n${role("Admin")}${role("ReadOnly")}`,
    );
    portal.write(
      "browser",
      '#!/bin/sh\necho opened >> ~/opened\nuntil test -e ~/answer; do sleep 0.05; done\ncurl -sL "$1"\n',
      0o700,
    );
    portal.env["AWS_VAULT_BROWSER"] = `${portal.path}/browser`;
    return portal;
  }

  export(profile: string, ...flags: string[]): Launched {
    return this.start(["export", "--format=json", ...flags, profile]);
  }

  opened(): number {
    return (this.read("opened") ?? "").split("\n").length - 1;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.write("answer", "");
    await super[Symbol.asyncDispose]();
  }
}

Deno.test({
  ...NOT_ON_WINDOWS,
  ...CURL,
  name: "100 processes at an expired login of two roles: one browser tab, one login",
  async fn() {
    await using portal = await Portal.open({ identityCenter: { refreshes: false } });
    portal.write("answer", "");
    assert.equal((await portal.export("Admin").finished).code, 0);
    portal.aws.world.identityCenter.endTokens();
    Deno.removeSync(`${portal.path}/answer`);
    Deno.removeSync(`${portal.path}/opened`);
    portal.aws.takeCalls();

    const children = await startWaiting(
      portal,
      100,
      (i) => portal.export(i % 2 ? "Admin" : "ReadOnly", "--no-cache", "--wait=5m", "--debug"),
    );
    portal.write("answer", "");
    for (const child of children) child.kill("SIGCONT");
    const results = await Promise.all(children.map(({ finished }) => finished));
    assert.deepEqual(new Set(results.map(({ code }) => code)), new Set([0]), results[0]!.stderr);
    assert.equal(portal.opened(), 1);
    const calls = portal.aws.takeCalls();
    assert.equal(calls.filter((call) => call.startsWith("Authorize")).length, 1);
    assert.equal(calls.filter((call) => call.startsWith("CreateToken")).length, 1);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  ...CURL,
  name: "20 processes whose token AWS has ended: one refresh, nobody is asked",
  async fn() {
    await using portal = await Portal.open();
    portal.write("answer", "");
    assert.equal((await portal.export("Admin").finished).code, 0);
    portal.aws.world.identityCenter.endTokens();
    portal.aws.takeCalls();
    portal.aws.fault({ kind: "delay", action: "CreateToken", ms: 1000 });
    const children = Array.from(
      { length: 20 },
      (_, i) => portal.export(i % 2 ? "Admin" : "ReadOnly", "--no-cache", "--no-prompt"),
    );
    const results = await Promise.all(children.map(({ finished }) => finished));
    assert.deepEqual(new Set(results.map(({ code }) => code)), new Set([0]), results[0]!.stderr);
    const calls = portal.aws.takeCalls();
    assert.equal(calls.filter((call) => call.startsWith("CreateToken")).length, 1);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  ...CURL,
  name: "the one that signs in is killed: the next opens the page",
  async fn() {
    await using portal = await Portal.open();
    const holder = portal.export("Admin");
    await holder.untilSaid("Opening a browser");
    const other = portal.export("ReadOnly");
    await other.untilSaid(`(pid ${holder.pid}, profile "Admin")`);
    holder.kill("SIGKILL");
    portal.write("answer", "");
    const { code, stderr } = await other.finished;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Opening a browser/);
  },
});
