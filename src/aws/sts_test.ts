import assert from "node:assert/strict";
import { ManualClock, seededRandom, TalkRecorder } from "../../tests/fakes/memory_host.ts";
import { type ScriptedAnswer, ScriptedHttp } from "../../tests/fakes/scripted_http.ts";
import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { resolveEndpoint } from "./endpoint.ts";
import type { AwsCaller } from "./query.ts";
import type { AwsDeps } from "./send.ts";
import {
  assumeRole,
  assumeRoleWithWebIdentity,
  getCallerIdentity,
  getFederationToken,
  getSessionToken,
} from "./sts.ts";

const CALLER: AwsCaller = {
  endpoint: resolveEndpoint("sts", { region: "eu-west-1" }),
  credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: new Secret("secret") },
};

const ROLE = "arn:aws:iam::012345678901:role/Ops";

const CREDENTIALS = `<Credentials>
  <AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>s3+/=</SecretAccessKey>
  <SessionToken>tok+/=</SessionToken><Expiration>2026-03-01T13:00:00Z</Expiration>
</Credentials>`;

const USER = "<AssumedRoleUser><AssumedRoleId>AROA:me</AssumedRoleId>" +
  "<Arn>arn:aws:sts::012345678901:assumed-role/Ops/me</Arn></AssumedRoleUser>";

function answer(action: string, result: string): ScriptedAnswer {
  return {
    body: `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">` +
      `<${action}Result>${result}</${action}Result>` +
      `<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`,
  };
}

/** Makes one call against one answer; gives the result, the request's body and how it was signed. */
async function call<T>(
  scripted: ScriptedAnswer,
  make: (deps: AwsDeps) => Promise<T>,
): Promise<{ result: T; body: string[]; signedFor: string | undefined }> {
  using http = new ScriptedHttp(scripted);
  const result = await make({
    http,
    clock: new ManualClock(),
    random: seededRandom(),
    talk: new TalkRecorder(),
  });
  const [request] = http.requests;
  assert.deepEqual(
    [request?.method, request?.url, request?.headers["content-type"], request?.timeoutMs],
    [
      "POST",
      "https://sts.eu-west-1.amazonaws.com/",
      "application/x-www-form-urlencoded; charset=utf-8",
      10_000,
    ],
  );
  const body = [...new URLSearchParams(request?.body)].map(([name, value]) => `${name}=${value}`);
  return { result, body, signedFor: request?.headers["authorization"]?.split(" ")[1] };
}

function reveal(credentials: Credentials) {
  return {
    ...credentials,
    secretAccessKey: credentials.secretAccessKey.reveal(),
    sessionToken: credentials.sessionToken?.reveal(),
    expiration: credentials.expiration?.toString(),
  };
}

const SESSION = {
  accessKeyId: "ASIAEXAMPLE",
  secretAccessKey: "s3+/=",
  sessionToken: "tok+/=",
  expiration: "2026-03-01T13:00:00Z",
};
const SIGNED = "Credential=AKIAEXAMPLE/20260301/eu-west-1/sts/aws4_request,";

Deno.test("getSessionToken() shows the MFA device and gives a session", async () => {
  const { result, body, signedFor } = await call(
    answer("GetSessionToken", CREDENTIALS),
    (deps) =>
      getSessionToken(deps, CALLER, {
        durationSeconds: 3600,
        mfa: {
          serialNumber: "arn:aws:iam::012345678901:mfa/me",
          tokenCode: new Secret("012345"),
        },
      }),
  );
  assert.deepEqual(reveal(result), SESSION);
  assert.equal(signedFor, SIGNED);
  assert.deepEqual(body, [
    "Action=GetSessionToken",
    "Version=2011-06-15",
    "DurationSeconds=3600",
    "SerialNumber=arn:aws:iam::012345678901:mfa/me",
    "TokenCode=012345",
  ]);
});

Deno.test("getSessionToken() sends nothing that was not asked for", async () => {
  const { body } = await call(
    answer("GetSessionToken", CREDENTIALS),
    (deps) => getSessionToken(deps, CALLER),
  );
  assert.deepEqual(body, ["Action=GetSessionToken", "Version=2011-06-15"]);
});

Deno.test("assumeRole() sends every parameter, lists numbered, and knows the role's account", async () => {
  const { result, body } = await call(
    answer("AssumeRole", CREDENTIALS + USER),
    (deps) =>
      assumeRole(deps, CALLER, {
        roleArn: ROLE,
        roleSessionName: "me",
        durationSeconds: 900,
        externalId: "x&y=z",
        mfa: { serialNumber: "GAHT12345678", tokenCode: new Secret("123456") },
        tags: { team: "a b", "cost+center": "ü" },
        transitiveTagKeys: ["team"],
        sourceIdentity: "me@example.com",
        policy: '{"Version":"2012-10-17"}',
        policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
      }),
  );
  // Asked for 15 minutes, the answer's hour is cut.
  const expiration = "2026-03-01T12:15:00Z";
  assert.deepEqual(reveal(result), { ...SESSION, expiration, accountId: "012345678901" });
  assert.deepEqual(body, [
    "Action=AssumeRole",
    "Version=2011-06-15",
    `RoleArn=${ROLE}`,
    "RoleSessionName=me",
    'Policy={"Version":"2012-10-17"}',
    "PolicyArns.member.1.arn=arn:aws:iam::aws:policy/ReadOnlyAccess",
    "DurationSeconds=900",
    "Tags.member.1.Key=team",
    "Tags.member.1.Value=a b",
    "Tags.member.2.Key=cost+center",
    "Tags.member.2.Value=ü",
    "TransitiveTagKeys.member.1=team",
    "ExternalId=x&y=z",
    "SerialNumber=GAHT12345678",
    "TokenCode=123456",
    "SourceIdentity=me@example.com",
  ]);
});

Deno.test("assumeRoleWithWebIdentity() is not signed, whatever the caller has", async () => {
  const { result, body, signedFor } = await call(
    answer("AssumeRoleWithWebIdentity", CREDENTIALS + USER),
    (deps) =>
      assumeRoleWithWebIdentity(deps, CALLER, {
        roleArn: ROLE,
        roleSessionName: "ci",
        webIdentityToken: new Secret("e.y.J"),
        durationSeconds: 3600,
      }),
  );
  assert.deepEqual(reveal(result), { ...SESSION, accountId: "012345678901" });
  assert.equal(signedFor, undefined);
  assert.deepEqual(body, [
    "Action=AssumeRoleWithWebIdentity",
    "Version=2011-06-15",
    `RoleArn=${ROLE}`,
    "RoleSessionName=ci",
    "WebIdentityToken=e.y.J",
    "DurationSeconds=3600",
  ]);
});

Deno.test("getFederationToken() names the user and limits it", async () => {
  const user = "<FederatedUser><FederatedUserId>012345678901:me</FederatedUserId>" +
    "<Arn>arn:aws:sts::012345678901:federated-user/me</Arn></FederatedUser>";
  const { result, body } = await call(
    answer("GetFederationToken", CREDENTIALS + user),
    (deps) => getFederationToken(deps, CALLER, { name: "me", policy: "{}", tags: { a: "1" } }),
  );
  assert.deepEqual(reveal(result), { ...SESSION, accountId: "012345678901" });
  assert.deepEqual(body, [
    "Action=GetFederationToken",
    "Version=2011-06-15",
    "Name=me",
    "Policy={}",
    "Tags.member.1.Key=a",
    "Tags.member.1.Value=1",
  ]);
});

Deno.test("getCallerIdentity() keeps the zeros of an account, and signs with the session", async () => {
  const credentials = {
    accessKeyId: "ASIAOTHER",
    secretAccessKey: new Secret("x"),
    sessionToken: new Secret("token"),
  };
  const { result, signedFor } = await call(
    answer(
      "GetCallerIdentity",
      "<Arn>arn:aws:iam::000000000001:user/me</Arn><UserId>AIDA</UserId><Account>000000000001</Account>",
    ),
    (deps) => getCallerIdentity(deps, { ...CALLER, credentials }),
  );
  assert.deepEqual(result, {
    userId: "AIDA",
    accountId: "000000000001",
    arn: "arn:aws:iam::000000000001:user/me",
  });
  assert.equal(signedFor, SIGNED.replace("AKIAEXAMPLE", "ASIAOTHER"));
});

for (
  const [result, message] of [
    ["<Credentials/>", "Cannot read AWS's answer to GetSessionToken: it has no AccessKeyId"],
    [
      CREDENTIALS.replace("2026-03-01T13:00:00Z", "soon"),
      'Cannot read AWS\'s answer to GetSessionToken: "soon" is not a time',
    ],
  ] as const
) {
  Deno.test(`getSessionToken() fails with: ${message}`, async () => {
    const making = call(answer("GetSessionToken", result), (deps) => getSessionToken(deps, CALLER));
    await assert.rejects(making, (error) => {
      assert(error instanceof VaultError);
      assert.deepEqual([error.code, error.message], ["network", message]);
      return true;
    });
  });
}
