/** `exec` renews credentials that are past half of their life, where nobody has to be asked. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";

const HOUR_MS = 3_600_000;
const DEVICE = "mfa_serial = arn:aws:iam::111122223333:mfa/work\n";
const CONFIG = `[profile work]\n[profile admin]\nsource_profile = work\n` +
  `role_arn = arn:aws:iam::111122223333:role/admin\n[profile device]\n${DEVICE}` +
  `[profile guarded]\nsource_profile = device\n${DEVICE}` +
  `role_arn = arn:aws:iam::111122223333:role/guarded\n`;

/** A home in which time can pass, for the program and for AWS. */
async function openHome(): Promise<Home> {
  const home = await Home.open({
    users: [{ name: "work", mfa: [{ codes: "any" }] }],
    roles: [{ name: "admin" }, { name: "guarded", mfa: true }],
  });
  home.write(".aws/config", CONFIG);
  for (const profile of ["work", "device"]) {
    await home.as("work").succeed("add", "--env", "--no-add-config", profile);
  }
  home.aws.takeCalls();
  return home;
}

function passTime(home: Home, hours: number): void {
  home.clockOffsetMs = hours * HOUR_MS;
  home.aws.world.clockOffsetMs = hours * HOUR_MS;
}

/** Runs `exec` to the child, and gives the calls that AWS saw. */
async function callsOf(home: Home, ...words: string[]): Promise<string[]> {
  const attend = () => Promise.resolve(0);
  const replace = () => Promise.resolve(false as const);
  const { code, stderr } = await home.runOn(
    (host) => ({
      ...host,
      programs: { ...host.programs, attend, replace },
    }),
    "exec",
    ...words,
  );
  assert.deepEqual([code, stderr], [0, ""]);
  return home.aws.takeCalls();
}

Deno.test("exec renews a role and a session before half of their life is over", async () => {
  await using home = await openHome();
  for (const [profile, call] of [["work", "GetSessionToken"], ["admin", "AssumeRole admin"]]) {
    passTime(home, 0);
    const made = [`${call} by key/work for 3600s`];
    assert.deepEqual(await callsOf(home, profile!, "true"), made);
    passTime(home, 0.4);
    assert.deepEqual(await callsOf(home, profile!, "true"), []);
    passTime(home, 0.6);
    assert.deepEqual(await callsOf(home, profile!, "true"), made);
    assert.deepEqual(await callsOf(home, profile!, "true"), []);
  }
});

Deno.test("exec renews a role from the session of a code, and asks for no other code", async () => {
  await using home = await openHome();
  await callsOf(home, "-t", "123456", "guarded", "true");
  passTime(home, 0.6);
  assert.deepEqual(await callsOf(home, "guarded", "true"), [
    "AssumeRole guarded by session/work for 3600s",
  ]);
  // The session of the code itself serves to its end.
  await callsOf(home, "-t", "234567", "--duration", "2h", "--no-cache", "device", "true");
  passTime(home, 0);
  await home.succeed("clear");
  await callsOf(home, "-t", "345678", "device", "true");
  passTime(home, 0.6);
  assert.deepEqual(await callsOf(home, "device", "true"), []);
});

Deno.test("exec goes on with what is cached where AWS does not renew it", async () => {
  await using home = await openHome();
  await callsOf(home, "admin", "true");
  passTime(home, 0.6);
  home.aws.fault({ kind: "internal", action: "AssumeRole", times: 1 });
  assert.equal((await callsOf(home, "admin", "true")).length, 1);
});

Deno.test("exec does not renew before AWS_MIN_TTL where that is set", async () => {
  await using home = await openHome();
  home.env["AWS_MIN_TTL"] = "10m";
  await callsOf(home, "admin", "true");
  passTime(home, 0.8);
  assert.deepEqual(await callsOf(home, "admin", "true"), []);
  passTime(home, 0.9);
  assert.equal((await callsOf(home, "admin", "true")).length, 1);
});
