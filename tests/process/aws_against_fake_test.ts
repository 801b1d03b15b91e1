import assert from "node:assert/strict";
import { resolveEndpoint } from "../../src/aws/endpoint.ts";
import {
  createAccessKey,
  deleteAccessKey,
  getAccessKeyLastUsed,
  listAccessKeys,
  listMfaDevices,
  updateAccessKey,
} from "../../src/aws/iam.ts";
import { mayHaveActed } from "../../src/aws/network_error.ts";
import type { AwsCaller } from "../../src/aws/query.ts";
import type { AwsDeps } from "../../src/aws/send.ts";
import { assumeRole, getCallerIdentity, getSessionToken } from "../../src/aws/sts.ts";
import type { LongTermKey } from "../../src/credentials.ts";
import { AwsError } from "../../src/errors.ts";
import { Secret } from "../../src/secret.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemHttp } from "../../src/system/http.ts";
import { seededRandom, TalkRecorder } from "../fakes/memory_host.ts";
import { type FakeAws, startFakeAws } from "../servers/fake_aws.ts";

// The calls of src/aws against a fake AWS that verifies every request with code of its own.

const DEVICE = "arn:aws:iam::111122223333:mfa/alice";

function newDeps(): AwsDeps & { readonly talk: TalkRecorder } {
  const clock = { ...systemClock(), sleep: () => Promise.resolve() };
  return { http: systemHttp(), clock, random: seededRandom(), talk: new TalkRecorder() };
}

function callerOf(
  aws: FakeAws,
  service: "sts" | "iam",
  credentials: LongTermKey = keyOf(aws),
): AwsCaller {
  const endpoint = resolveEndpoint(service, { region: "us-east-1", endpointUrl: aws.url });
  return { endpoint, credentials };
}

function keyOf(aws: FakeAws): LongTermKey {
  const { id, secret } = aws.user("alice").key;
  return { accessKeyId: id, secretAccessKey: new Secret(secret) };
}

function mfaOf(aws: FakeAws) {
  return { serialNumber: DEVICE, tokenCode: new Secret(aws.mfaCode("alice")) };
}

async function refusalOf(calling: Promise<unknown>): Promise<AwsError> {
  const error = await calling.then(() => undefined, (error) => error);
  assert(error instanceof AwsError, String(error));
  return error;
}

Deno.test("a session with MFA assumes a role with tags, along a chain", async () => {
  await using aws = await startFakeAws({
    roles: [
      { name: "first", mfa: true, externalId: "ext", sourceIdentity: "alice@example.com" },
      { name: "second", trusts: ["arn:aws:iam::111122223333:role/first"] },
    ],
  });
  const deps = newDeps();
  const session = await getSessionToken(deps, callerOf(aws, "sts"), {
    durationSeconds: 900,
    mfa: mfaOf(aws),
  });
  const first = await assumeRole(deps, callerOf(aws, "sts", session), {
    roleArn: "arn:aws:iam::111122223333:role/first",
    roleSessionName: "one",
    externalId: "ext",
    sourceIdentity: "alice@example.com",
    tags: { team: "ü + co", cost: "1+1" },
    transitiveTagKeys: ["team"],
    durationSeconds: 3600,
  });
  const second = await assumeRole(deps, callerOf(aws, "sts", first), {
    roleArn: "arn:aws:iam::111122223333:role/second",
    roleSessionName: "two",
  });
  const identity = await getCallerIdentity(deps, callerOf(aws, "sts", second));
  assert.equal(identity.arn, "arn:aws:sts::111122223333:assumed-role/second/two");
  assert.deepEqual([first.accountId, second.accountId], ["111122223333", "111122223333"]);
});

Deno.test("a code that a lost try used up is refused, and the hint says why", async () => {
  await using aws = await startFakeAws({
    faults: [{ kind: "cut-body", action: "GetSessionToken" }],
  });
  const error = await refusalOf(
    getSessionToken(newDeps(), callerOf(aws, "sts"), { mfa: mfaOf(aws) }),
  );
  assert.match(error.message, /invalid MFA one time pass code/);
  assert.match(error.hints.join(), /may have used up the code/);
});

Deno.test("IAM refuses a session without MFA, and the hint says what to do", async () => {
  await using aws = await startFakeAws();
  const session = await getSessionToken(newDeps(), callerOf(aws, "sts"));
  const error = await refusalOf(listMfaDevices(newDeps(), callerOf(aws, "iam", session)));
  assert.equal(error.awsCode, "InvalidClientTokenId");
  assert.match(error.hints.join(), /set mfa_serial.*--no-session/);
});

for (const offsetMinutes of [-45, 45]) {
  Deno.test(`a clock that differs from AWS's by ${offsetMinutes} minutes is reported and corrected`, async () => {
    await using aws = await startFakeAws({ clockOffsetMs: offsetMinutes * 60_000 });
    const deps = { ...newDeps(), skew: { offsetMs: 0 } };
    await getCallerIdentity(deps, callerOf(aws, "sts"));
    await getCallerIdentity(deps, callerOf(aws, "sts"));
    const direction = offsetMinutes > 0 ? "behind" : "ahead of";
    assert.deepEqual(deps.talk.said, [
      `warning: This machine's clock is 45 minutes ${direction} AWS's: requests are signed with ` +
      "AWS's time for now; set the clock",
    ]);
    assert.equal(aws.calls.length, 3);
  });
}

for (
  const kind of [
    "throttle",
    "slow-down",
    "internal",
    "html-500",
    "html-200",
    "cut-body",
    "empty-body",
    "close",
    "lose-answer",
  ] as const
) {
  Deno.test(`the fault "${kind}" is survived twice`, async () => {
    await using aws = await startFakeAws({ faults: [{ kind, times: 2 }] });
    const identity = await getCallerIdentity(newDeps(), callerOf(aws, "sts"));
    assert.equal(identity.arn, "arn:aws:iam::111122223333:user/alice");
  });
}

Deno.test("keys are made, listed, turned off and deleted", async () => {
  await using aws = await startFakeAws();
  const deps = newDeps();
  const old = keyOf(aws);
  const made = await createAccessKey(deps, callerOf(aws, "iam"));
  const caller = callerOf(aws, "iam", made);
  await updateAccessKey(deps, caller, { accessKeyId: old.accessKeyId, status: "Inactive" });
  const listed = await listAccessKeys(deps, caller);
  assert.deepEqual(
    listed.map(({ accessKeyId, status, userName }) => [accessKeyId, status, userName]),
    [[old.accessKeyId, "Inactive", "alice"], [made.accessKeyId, "Active", "alice"]],
  );
  const use = await getAccessKeyLastUsed(deps, caller, made.accessKeyId);
  assert.deepEqual([use.userName, use.service], ["alice", "iam"]);
  await deleteAccessKey(deps, caller, { accessKeyId: old.accessKeyId });
  assert.deepEqual((await listAccessKeys(deps, caller)).length, 1);
  assert.deepEqual((await listMfaDevices(deps, caller)).map((it) => it.serialNumber), [DEVICE]);
});

for (const kind of ["lose-answer", "cut-body", "empty-body", "internal"] as const) {
  Deno.test(`createAccessKey() is called once when the fault is "${kind}"`, async () => {
    await using aws = await startFakeAws({ faults: [{ kind }] });
    const error = await createAccessKey(newDeps(), callerOf(aws, "iam")).catch((error) => error);
    assert.equal(mayHaveActed(error), true, String(error));
    assert.equal(aws.calls.length, 1);
  });
}
