/**
 * The fake AWS is AWS-shaped: boto3's own STS and IAM clients, which nobody here wrote, work against
 * it, and what AWS refuses it refuses.
 */

import assert from "node:assert/strict";
import { requireService, runs } from "../services.ts";
import { type FakeAws, startFakeAws } from "./fake_aws.ts";

const boto3 = requireService("boto3", runs("python3", "-c", "import boto3"), "pip install boto3");

/** Runs Python with clients `sts`, `iam` and a function `client(service, credentials)`; gives the printed JSON. */
async function python(aws: FakeAws, code: string, user = "alice"): Promise<unknown> {
  const prelude = `
import boto3, botocore, json, sys
from botocore.config import Config
from botocore.exceptions import ClientError
def client(service, c=None):
    return boto3.client(service, region_name="us-east-1", endpoint_url="${aws.url}",
        aws_access_key_id=c["AccessKeyId"] if c else "${aws.user(user).key.id}",
        aws_secret_access_key=c["SecretAccessKey"] if c else "${aws.user(user).key.secret}",
        aws_session_token=c["SessionToken"] if c else None,
        config=Config(retries={"total_max_attempts": 1}))
def refused(f, **args):
    try:
        f(**args)
    except ClientError as e:
        return [e.response["ResponseMetadata"]["HTTPStatusCode"], e.response["Error"]["Code"], e.response["Error"]["Message"]]
sts, iam = client("sts"), client("iam")
def show(x): print(json.dumps(x, default=str))
`;
  const command = new Deno.Command("python3", {
    args: ["-c", prelude + code],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH")!, HOME: "/nonexistent", AWS_EC2_METADATA_DISABLED: "true" },
  });
  const output = await command.output();
  assert.equal(new TextDecoder().decode(output.stderr), "");
  return JSON.parse(new TextDecoder().decode(output.stdout));
}

const DENY = "is not authorized to perform: sts:AssumeRole on resource";

Deno.test({
  ...boto3,
  name: "boto3 gets a session with MFA, and roles along a chain from it",
  async fn() {
    await using aws = await startFakeAws({
      users: [{ name: "alice", mfa: [{ codes: ["123456"] }] }],
      roles: [{ name: "first", mfa: true }, {
        name: "second",
        trusts: ["arn:aws:iam::111122223333:role/first"],
        maxSessionSeconds: 43200,
      }],
    });
    const shown = await python(
      aws,
      `
session = sts.get_session_token(SerialNumber="arn:aws:iam::111122223333:mfa/alice", TokenCode="123456", DurationSeconds=900)["Credentials"]
first = client("sts", session).assume_role(RoleArn="arn:aws:iam::111122223333:role/first", RoleSessionName="one")
second = client("sts", first["Credentials"])
second_arn = "arn:aws:iam::111122223333:role/second"
chained = second.assume_role(RoleArn=second_arn, RoleSessionName="two", DurationSeconds=3600)
show([
  client("sts", chained["Credentials"]).get_caller_identity()["Arn"],
  first["AssumedRoleUser"]["Arn"],
  session["AccessKeyId"][:4], len(session["AccessKeyId"]), len(session["SecretAccessKey"]),
  refused(second.assume_role, RoleArn=second_arn, RoleSessionName="two", DurationSeconds=3601),
  refused(sts.assume_role, RoleArn=second_arn, RoleSessionName="two"),
  refused(client("sts", session).get_session_token),
])`,
    );
    assert.deepEqual(shown, [
      "arn:aws:sts::111122223333:assumed-role/second/two",
      "arn:aws:sts::111122223333:assumed-role/first/one",
      "ASIA",
      20,
      40,
      [
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
      ],
      [
        403,
        "AccessDenied",
        `User: arn:aws:iam::111122223333:user/alice ${DENY}: arn:aws:iam::111122223333:role/second`,
      ],
      [403, "AccessDenied", "Cannot call GetSessionToken with session credentials"],
    ]);
    assert.deepEqual(aws.takeCalls(), [
      "GetSessionToken by key/alice for 900s with MFA",
      "AssumeRole first by session/alice for 3600s",
      "AssumeRole second by role/first for 3600s",
      "GetCallerIdentity by role/second",
      "AssumeRole second by role/first for 3601s -> 400 ValidationError",
      "AssumeRole second by key/alice for 3600s -> 403 AccessDenied",
      "GetSessionToken by session/alice for 43200s -> 403 AccessDenied",
    ]);
  },
});

Deno.test({
  ...boto3,
  name: "boto3 sends tags, an external id and a source identity",
  async fn() {
    await using aws = await startFakeAws({
      roles: [{ name: "tagged", externalId: "x-1", tagKeys: ["team"], sourceIdentity: "alice" }],
    });
    const shown = await python(
      aws,
      `
role = dict(RoleArn="arn:aws:iam::111122223333:role/tagged", RoleSessionName="me")
good = dict(role, ExternalId="x-1", Tags=[{"Key": "team", "Value": "a b"}], TransitiveTagKeys=["team"], SourceIdentity="alice")
show([sts.assume_role(**good)["SourceIdentity"],
  refused(sts.assume_role, **dict(good, ExternalId="x-2"))[1],
  refused(sts.assume_role, **dict(good, Tags=good["Tags"] + [{"Key": "other", "Value": ""}]))[1],
  refused(sts.assume_role, **dict(good, SourceIdentity="bob"))[1],
  refused(sts.assume_role, **dict(good, Tags=[{"Key": "team", "Value": "a&b"}]))[1]])`,
    );
    assert.deepEqual(shown, [
      "alice",
      "AccessDenied",
      "AccessDenied",
      "AccessDenied",
      "ValidationError",
    ]);
    assert.deepEqual(aws.calls[0], {
      service: "sts",
      action: "AssumeRole",
      params: {
        RoleArn: "arn:aws:iam::111122223333:role/tagged",
        RoleSessionName: "me",
        ExternalId: "x-1",
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "a b",
        "TransitiveTagKeys.member.1": "team",
        SourceIdentity: "alice",
      },
      accessKeyId: aws.user("alice").key.id,
      principal: "arn:aws:iam::111122223333:user/alice",
      region: "us-east-1",
      durationSeconds: 3600,
      mfa: false,
      status: 200,
    });
  },
});

Deno.test({
  ...boto3,
  name: "boto3 rotates a key, which is refused until it has spread",
  async fn() {
    await using aws = await startFakeAws({ newKeyRefusals: 2 });
    const shown = await python(
      aws,
      `
old = iam.list_access_keys()["AccessKeyMetadata"]
new = iam.create_access_key()["AccessKey"]
full = refused(iam.create_access_key)
new["SessionToken"] = None
fresh = client("sts", new)
early = [refused(fresh.get_caller_identity)[1], refused(fresh.get_caller_identity)[1]]
arn = fresh.get_caller_identity()["Arn"]
unused = iam.get_access_key_last_used(AccessKeyId=new["AccessKeyId"])["AccessKeyLastUsed"]
iam.update_access_key(AccessKeyId=old[0]["AccessKeyId"], Status="Inactive")
stale = refused(iam.get_user)[1]
iam = client("iam", new)
iam.delete_access_key(AccessKeyId=old[0]["AccessKeyId"])
show([old[0]["Status"], full, early, arn, unused["ServiceName"], stale,
  [k["AccessKeyId"] == new["AccessKeyId"] for k in iam.list_access_keys()["AccessKeyMetadata"]],
  iam.get_user()["User"]["Arn"], iam.list_mfa_devices()["MFADevices"][0]["SerialNumber"],
  refused(iam.delete_access_key, AccessKeyId="AKIAIOSFODNN7EXAMPLE"),
  refused(client("iam", client("sts", new).get_session_token()["Credentials"]).get_user)])`,
    );
    assert.deepEqual(shown, [
      "Active",
      [409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"],
      ["InvalidClientTokenId", "InvalidClientTokenId"],
      "arn:aws:iam::111122223333:user/alice",
      "sts",
      "InvalidClientTokenId",
      [true],
      "arn:aws:iam::111122223333:user/alice",
      "arn:aws:iam::111122223333:mfa/alice",
      [404, "NoSuchEntity", "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found."],
      [403, "InvalidClientTokenId", "The security token included in the request is invalid."],
    ]);
  },
});

Deno.test({
  ...boto3,
  name: "a TOTP code works once, and a role's session can show none",
  async fn() {
    await using aws = await startFakeAws({ roles: [{ name: "r" }] });
    const shown = await python(
      aws,
      `
mfa = dict(SerialNumber="arn:aws:iam::111122223333:mfa/alice", TokenCode="${aws.mfaCode("alice")}")
role = dict(RoleArn="arn:aws:iam::111122223333:role/r", RoleSessionName="me")
later = dict(mfa, TokenCode="${aws.mfaCode("alice", 1)}")
credentials = sts.assume_role(**role, **mfa)["Credentials"]
show([refused(sts.assume_role, **role, **mfa), refused(client("sts", credentials).assume_role, **role, **later),
  refused(sts.get_session_token, **dict(mfa, SerialNumber="arn:aws:iam::111122223333:mfa/bob")),
  sts.get_session_token(**later)["Credentials"]["AccessKeyId"][:4]])`,
    );
    const [failed, unable] = [
      "MultiFactorAuthentication failed with invalid MFA one time pass code.",
      "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
    ];
    assert.deepEqual(shown, [
      [403, "AccessDenied", failed],
      [403, "AccessDenied", unable],
      [403, "AccessDenied", unable],
      "ASIA",
    ]);
  },
});

Deno.test({
  ...boto3,
  name: "faults reach boto3 as AWS's own would, and one that is left fails the test",
  async fn() {
    const aws = await startFakeAws({
      faults: [
        { kind: "throttle" },
        { kind: "slow-down" },
        { kind: "internal" },
        { kind: "refuse", status: 403, code: "RegionDisabledException", message: "off" },
        { kind: "lose-answer", action: "CreateAccessKey" },
        { kind: "cut-body", action: "DeleteAccessKey", times: 2 },
      ],
    });
    const shown = await python(
      aws,
      `
def broken(f, **args):
    try:
        f(**args)
    except Exception as e:
        return type(e).__name__
show([refused(sts.get_caller_identity)[:2] for _ in range(4)] + [broken(iam.create_access_key),
  len(iam.list_access_keys()["AccessKeyMetadata"])])`,
    );
    assert.deepEqual(shown, [
      [400, "Throttling"],
      [503, "SlowDown"],
      [500, "InternalFailure"],
      [403, "RegionDisabledException"],
      "ConnectionClosedError",
      2,
    ]);
    await assert.rejects(aws[Symbol.asyncDispose](), {
      message: "faults that never happened: cut-body of DeleteAccessKey (2 left)",
    });
  },
});

Deno.test({
  ...boto3,
  name: "what botocore signs is accepted, and refused with any one part of it changed",
  async fn() {
    await using aws = await startFakeAws();
    const signed = await python(
      aws,
      `
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
session = sts.get_session_token()["Credentials"]
body = "Action=GetCallerIdentity&Version=2011-06-15"
request = AWSRequest("POST", "${aws.url}/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
SigV4Auth(Credentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]), "sts", "us-east-1").add_auth(request)
show({"body": body, "headers": dict(request.headers.items())})`,
    ) as { body: string; headers: Record<string, string> };
    const send = async (changed: Partial<typeof signed>) => {
      const { body, headers } = { ...signed, ...changed };
      const answer = await fetch(aws.url + "/", { method: "POST", body, headers });
      const text = await answer.text();
      return `${answer.status} ${/<Code>(.*)<\/Code>/.exec(text)?.[1] ?? "OK"}`;
    };
    const change = (name: string, by: (value: string) => string) =>
      send({ headers: { ...signed.headers, [name]: by(signed.headers[name]!) } });
    const flip = (text: string, at: number) =>
      text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
    const { "X-Amz-Security-Token": _, ...withoutToken } = signed.headers;
    assert.deepEqual({
      unchanged: await send({}),
      signature: await change("Authorization", (text) => flip(text, text.length - 1)),
      body: await send({ body: signed.body.replace("GetCallerIdentity", "GetSessionToken") }),
      region: await change("Authorization", (text) => text.replace("us-east-1", "us-east-2")),
      service: await change("Authorization", (text) => text.replace("/sts/", "/iam/")),
      date: await change("X-Amz-Date", (text) => text.replace(/.Z$/, (end) => flip(end, 0))),
      token: await change("X-Amz-Security-Token", (text) => flip(text, 30)),
      withoutToken: await send({ headers: withoutToken }),
      contentType: await change("Content-Type", (text) => text.replace("utf-8", "UTF-8")),
      unsigned: await send({ headers: { ...signed.headers, "X-Amz-Extra": "1" } }),
      withoutSignature: await send({
        headers: { "Content-Type": signed.headers["Content-Type"]! },
      }),
    }, {
      unchanged: "200 OK",
      signature: "403 SignatureDoesNotMatch",
      body: "403 SignatureDoesNotMatch",
      region: "403 SignatureDoesNotMatch",
      service: "403 SignatureDoesNotMatch",
      date: "403 SignatureDoesNotMatch",
      token: "403 InvalidClientTokenId",
      withoutToken: "403 InvalidClientTokenId",
      contentType: "400 MalformedInput",
      unsigned: "403 SignatureDoesNotMatch",
      withoutSignature: "403 MissingAuthenticationToken",
    });
    aws.world.clockOffsetMs = 16 * 60 * 1000;
    assert.equal(await send({}), "403 SignatureDoesNotMatch");
    aws.world.clockOffsetMs = 13 * 60 * 60 * 1000;
    assert.equal(await send({}), "403 ExpiredToken");
  },
});
