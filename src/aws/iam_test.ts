import assert from "node:assert/strict";
import { ManualClock, seededRandom, TalkRecorder } from "../../tests/fakes/memory_host.ts";
import { type ScriptedAnswer, ScriptedHttp } from "../../tests/fakes/scripted_http.ts";
import { AwsError } from "../errors.ts";
import { HttpFailure } from "../http.ts";
import { Secret } from "../secret.ts";
import { resolveEndpoint } from "./endpoint.ts";
import {
  createAccessKey,
  deleteAccessKey,
  getAccessKeyLastUsed,
  listAccessKeys,
  listMfaDevices,
  updateAccessKey,
} from "./iam.ts";
import { createVirtualMfaDevice } from "./iam_mfa.ts";
import { mayHaveActed, NetworkError } from "./network_error.ts";
import type { AwsCaller } from "./query.ts";
import type { AwsDeps } from "./send.ts";

const CALLER: AwsCaller = {
  endpoint: resolveEndpoint("iam", { region: "eu-west-1" }),
  credentials: { accessKeyId: "AKIAOLD", secretAccessKey: new Secret("secret") },
};

function answer(action: string, result?: string): ScriptedAnswer {
  const inner = result === undefined ? "" : `<${action}Result>${result}</${action}Result>`;
  return {
    body: `<${action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">${inner}` +
      `<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`,
  };
}

/** Runs a call against its answers; gives what came of it and what was asked. */
async function run<T>(make: (deps: AwsDeps) => Promise<T>, ...script: ScriptedAnswer[]) {
  using http = new ScriptedHttp(...script);
  const deps = {
    http,
    clock: new ManualClock({ jumpsOverSleeps: true }),
    random: seededRandom(),
    talk: new TalkRecorder(),
  };
  const result = await make(deps).catch((error: unknown) => error);
  const asked = http.requests.map((request) => {
    assert.equal(request.url, "https://iam.amazonaws.com/");
    assert.match(request.headers["authorization"] ?? "", /\/us-east-1\/iam\/aws4_request/);
    return decodeURIComponent(request.body ?? "").replace("&Version=2010-05-08", "");
  });
  return { result, asked };
}

const instant = Temporal.Instant.from("2026-01-02T03:04:05Z");

Deno.test("createAccessKey() gives the new key with its secret", async () => {
  const { result, asked } = await run(
    (deps) => createAccessKey(deps, CALLER),
    answer(
      "CreateAccessKey",
      "<AccessKey><UserName>me</UserName><AccessKeyId>AKIANEW</AccessKeyId><Status>Active</Status>" +
        "<SecretAccessKey>new+secret</SecretAccessKey><CreateDate>2026-01-02T03:04:05Z</CreateDate></AccessKey>",
    ),
  );
  assert.deepEqual(result, {
    userName: "me",
    accessKeyId: "AKIANEW",
    secretAccessKey: new Secret("new+secret"),
    created: instant,
  });
  assert.equal((result as { secretAccessKey: Secret }).secretAccessKey.reveal(), "new+secret");
  assert.deepEqual(asked, ["Action=CreateAccessKey"]);
});

for (const kind of ["unanswered", "cut", "timeout"] as const) {
  Deno.test(`createAccessKey() is not sent again when it is ${kind}, and may have acted`, async () => {
    const { result, asked } = await run(
      (deps) => createAccessKey(deps, CALLER),
      new HttpFailure(kind, "lost"),
    );
    assert.deepEqual([asked.length, mayHaveActed(result)], [1, true]);
  });
}

Deno.test("createAccessKey() says what stands in the way of a third key", async () => {
  const { result } = await run((deps) => createAccessKey(deps, CALLER, "me"), {
    status: 409,
    body: "<ErrorResponse><Error><Code>LimitExceeded</Code><Message>Cannot exceed quota for " +
      "AccessKeysPerUser: 2</Message></Error><RequestId>r-9</RequestId></ErrorResponse>",
  });
  assert(result instanceof AwsError);
  assert.deepEqual([result.message, result.hints, mayHaveActed(result)], [
    'AWS refused CreateAccessKey for user "me": LimitExceeded: Cannot exceed quota for ' +
    "AccessKeysPerUser: 2 (request id r-9)",
    ["A user can have two access keys: delete the one that is not in use"],
    false,
  ]);
});

Deno.test("updateAccessKey() and deleteAccessKey() name the key and are sent again when lost", async () => {
  const updated = await run(
    (deps) => updateAccessKey(deps, CALLER, { accessKeyId: "AKIAOLD", status: "Inactive" }),
    new HttpFailure("cut", "lost"),
    answer("UpdateAccessKey"),
  );
  const update = "Action=UpdateAccessKey&AccessKeyId=AKIAOLD&Status=Inactive";
  assert.deepEqual(updated, { result: undefined, asked: [update, update] });
  const deleted = await run(
    (deps) => deleteAccessKey(deps, CALLER, { accessKeyId: "AKIAOLD", userName: "me" }),
    answer("DeleteAccessKey"),
  );
  assert.deepEqual(deleted, {
    result: undefined,
    asked: ["Action=DeleteAccessKey&AccessKeyId=AKIAOLD&UserName=me"],
  });
});

Deno.test("listAccessKeys() reads all pages", async () => {
  const key = (id: string, status: string) =>
    `<member><UserName>me</UserName><AccessKeyId>${id}</AccessKeyId><Status>${status}</Status>` +
    "<CreateDate>2026-01-02T03:04:05Z</CreateDate></member>";
  const page = (keys: string, rest: string) =>
    answer("ListAccessKeys", `<AccessKeyMetadata>${keys}</AccessKeyMetadata>${rest}`);
  const { result, asked } = await run(
    (deps) => listAccessKeys(deps, CALLER, "me"),
    page(key("AKIA1", "Active"), "<IsTruncated>true</IsTruncated><Marker>m/1</Marker>"),
    page(key("AKIA2", "Inactive"), "<IsTruncated>false</IsTruncated>"),
  );
  assert.deepEqual(result, [
    { userName: "me", accessKeyId: "AKIA1", status: "Active", created: instant },
    { userName: "me", accessKeyId: "AKIA2", status: "Inactive", created: instant },
  ]);
  assert.deepEqual(asked, [
    "Action=ListAccessKeys&UserName=me",
    "Action=ListAccessKeys&UserName=me&Marker=m/1",
  ]);
});

Deno.test("listAccessKeys() does not follow a list that never ends", async () => {
  const endless = Array.from(
    { length: 100 },
    () => answer("ListAccessKeys", "<IsTruncated>true</IsTruncated><Marker>m</Marker>"),
  );
  const { result } = await run((deps) => listAccessKeys(deps, CALLER), ...endless);
  assert.equal(
    String(result),
    "NetworkError: Cannot read AWS's answer to ListAccessKeys: the list never ends",
  );
});

Deno.test("getAccessKeyLastUsed() distinguishes a used key from one that never was", async () => {
  const used = await run(
    (deps) => getAccessKeyLastUsed(deps, CALLER, "AKIAOLD"),
    answer(
      "GetAccessKeyLastUsed",
      "<UserName>me</UserName><AccessKeyLastUsed><LastUsedDate>2026-01-02T03:04:05Z</LastUsedDate>" +
        "<ServiceName>sts</ServiceName><Region>eu-west-1</Region></AccessKeyLastUsed>",
    ),
  );
  assert.deepEqual(used, {
    result: { userName: "me", lastUsed: instant, service: "sts", region: "eu-west-1" },
    asked: ["Action=GetAccessKeyLastUsed&AccessKeyId=AKIAOLD"],
  });
  const unused = await run(
    (deps) => getAccessKeyLastUsed(deps, CALLER, "AKIANEW"),
    answer(
      "GetAccessKeyLastUsed",
      "<UserName>me</UserName><AccessKeyLastUsed><ServiceName>N/A</ServiceName><Region>N/A</Region></AccessKeyLastUsed>",
    ),
  );
  assert.deepEqual(unused.result, {
    userName: "me",
    lastUsed: undefined,
    service: "N/A",
    region: "N/A",
  });
});

Deno.test("listMfaDevices() gives the devices of the named user", async () => {
  const devices = await run(
    (deps) => listMfaDevices(deps, CALLER, "me"),
    answer(
      "ListMFADevices",
      "<MFADevices><member><UserName>me</UserName><SerialNumber>arn:aws:iam::1:mfa/me</SerialNumber>" +
        "<EnableDate>2026-01-02T03:04:05Z</EnableDate></member></MFADevices><IsTruncated>false</IsTruncated>",
    ),
  );
  assert.deepEqual(devices, {
    result: [{ userName: "me", serialNumber: "arn:aws:iam::1:mfa/me", enabled: instant }],
    asked: ["Action=ListMFADevices&UserName=me"],
  });
});

Deno.test("no key, device or seed is taken from an answer with characters that AWS does not use", async () => {
  const key = (id: string, secret: string) =>
    answer(
      "CreateAccessKey",
      `<AccessKey><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey></AccessKey>`,
    );
  const device = (serial: string) =>
    answer(
      "ListMFADevices",
      `<MFADevices><member><SerialNumber>${serial}</SerialNumber></member></MFADevices>`,
    );
  const created = (serial: string, seed: string) =>
    answer(
      "CreateVirtualMFADevice",
      `<VirtualMFADevice><SerialNumber>${serial}</SerialNumber>` +
        `<Base32StringSeed>${btoa(seed)}</Base32StringSeed></VirtualMFADevice>`,
    );
  const create = (deps: AwsDeps) => createAccessKey(deps, CALLER);
  const list = (deps: AwsDeps) => listMfaDevices(deps, CALLER);
  const make = (deps: AwsDeps) => createVirtualMfaDevice(deps, CALLER, "me");
  const cases: [(deps: AwsDeps) => Promise<unknown>, ScriptedAnswer, string][] = [
    [create, key("AKIA&#10;X", "secret"), "CreateAccessKey: its AccessKeyId is malformed"],
    [create, key("AKIA X", "secret"), "CreateAccessKey: its AccessKeyId is malformed"],
    [create, key("AKIAX", "a&#27;[31m"), "CreateAccessKey: its SecretAccessKey is malformed"],
    [create, key("AKIAX", "ü"), "CreateAccessKey: its SecretAccessKey is malformed"],
    [create, key("AKIAX", ""), "CreateAccessKey: it has no SecretAccessKey"],
    [list, device("x&#10;role_arn = y"), "ListMFADevices: its SerialNumber is malformed"],
    [make, created("a b", "ABCD"), "CreateVirtualMFADevice: its SerialNumber is malformed"],
    [make, created("a", "AB\n"), "CreateVirtualMFADevice: its seed is not base32"],
  ];
  for (const [call, script, problem] of cases) {
    const { result } = await run(call, script);
    assert.ok(result instanceof NetworkError, problem);
    assert.deepEqual([result.message, result.mayHaveActed], [
      `Cannot read AWS's answer to ${problem}`,
      true,
    ]);
  }
});
