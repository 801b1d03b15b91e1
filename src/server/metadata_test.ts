import assert from "node:assert/strict";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { seededRandom } from "../../tests/fakes/memory_host.ts";
import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";
import type { Current } from "./live_credentials.ts";
import { metadataHandler } from "./metadata.ts";

const HOST = "127.0.0.1:40123";
const TTL = "x-aws-ec2-metadata-token-ttl-seconds";
const TOKEN = "x-aws-ec2-metadata-token";
const IAM = "/latest/meta-data/iam/";

const CREDENTIALS: Credentials = {
  accessKeyId: "ASIAEXAMPLE",
  secretAccessKey: new Secret("secret"),
  sessionToken: new Secret("session"),
  expiration: Temporal.Instant.from("2026-03-01T13:00:00.005Z"),
  accountId: "123456789012",
};

const SERVED = {
  Code: "Success",
  LastUpdated: "2026-03-01T12:00:00Z",
  Type: "AWS-HMAC",
  AccessKeyId: "ASIAEXAMPLE",
  SecretAccessKey: "secret",
  Token: "session",
  Expiration: "2026-03-01T13:00:00Z",
};

/** A metadata service, and a client that has the address right and nothing else. */
class Service {
  readonly clock = new ManualClock();
  current: Current = CREDENTIALS;
  readonly #handler: (request: Request) => Promise<Response>;

  constructor({ allowsV1 = false, hasRegion = true } = {}) {
    this.#handler = metadataHandler({
      hosts: [HOST, "169.254.169.254"],
      current: () => Promise.resolve(this.current),
      region: hasRegion ? "eu-west-1" : undefined,
      allowsV1,
      clock: this.clock,
      random: seededRandom(),
    });
  }

  async send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    host = HOST,
  ): Promise<Response> {
    return await this.#handler(
      new Request(`http://${host}${path}`, { method, headers: { host, ...headers } }),
    );
  }

  async token(seconds?: number): Promise<string> {
    const headers = seconds === undefined ? {} : { [TTL]: String(seconds) };
    return await (await this.send("PUT", "/latest/api/token", headers)).text();
  }

  /** Status, what is in the body, and the life of the token that is in the answer. */
  async get(path: string, token?: string, headers: Readonly<Record<string, string>> = {}) {
    const all = token === undefined ? headers : { [TOKEN]: token, ...headers };
    return await read(await this.send("GET", path, all));
  }
}

/** Of refusals the word alone. */
async function read(response: Response) {
  const text = await response.text();
  assert.equal(response.headers.get("cache-control"), "no-store");
  const isText = response.headers.get("content-type") === "text/plain";
  const body = isText ? text : JSON.parse(text);
  if (response.status !== 200) assert(!/secret|session"/.test(text), text);
  const life = response.headers.get(TTL);
  return [response.status, response.status === 200 ? body : body.code, life];
}

Deno.test("metadataHandler() answers what SDKs ask, with and without a slash at the end", async () => {
  const service = new Service();
  const token = await service.token(300);
  const answers: [string, unknown][] = [
    [`${IAM}security-credentials`, "aws-vault"],
    [`${IAM}security-credentials/aws-vault`, SERVED],
    [`${IAM}security-credentials-extended`, "aws-vault"],
    [`${IAM}security-credentials-extended/aws-vault`, { ...SERVED, AccountId: "123456789012" }],
    [`${IAM}info`, {
      Code: "Success",
      LastUpdated: "2026-03-01T12:00:00Z",
      InstanceProfileArn: "arn:aws:iam::123456789012:instance-profile/aws-vault",
      InstanceProfileId: "AIPA00000000000000000",
    }],
    ["/latest/meta-data/instance-id", "i-00000000000000000"],
    ["/latest/meta-data/placement/region", "eu-west-1"],
    ["/latest/meta-data/placement/availability-zone", "eu-west-1a"],
    ["/latest/dynamic/instance-identity/document", {
      version: "2017-09-30",
      instanceId: "i-00000000000000000",
      region: "eu-west-1",
      availabilityZone: "eu-west-1a",
    }],
  ];
  for (const [path, expected] of answers) {
    assert.deepEqual(await service.get(path, token), [200, expected, "300"]);
    assert.deepEqual(await service.get(`${path}/`, token), [200, expected, "300"]);
    assert.deepEqual(await service.get(`/${path}`, token), [200, expected, "300"]);
  }
  const none = [
    "",
    "/",
    "/latest",
    `${IAM}security-credentials/other`,
    `${IAM}info/x`,
    `${IAM}info//`,
  ];
  const odd = ["///latest/meta-data/iam/info", `${IAM}info?x`, `${IAM}constructor`, "/__proto__"];
  for (const path of [...none, ...odd]) {
    assert.deepEqual(await service.get(path, token), [404, "NotFound", "300"], path);
  }
});

Deno.test("metadataHandler() without a region says that there is none", async () => {
  const service = new Service({ hasRegion: false });
  const { accountId: _, ...current } = CREDENTIALS;
  service.current = current;
  const token = await service.token();
  for (const path of ["placement/region", "placement/availability-zone/"]) {
    const got = await service.get(`/latest/meta-data/${path}`, token);
    assert.deepEqual(got, [404, "NotFound", "21600"]);
  }
  const extended = await service.get(`${IAM}security-credentials-extended/aws-vault`, token);
  assert.deepEqual(extended, [200, SERVED, "21600"]);
});

Deno.test("metadataHandler() gives tokens that count down, of 1 to 21600 seconds", async () => {
  const service = new Service();
  const put = async (ttl?: string, path = "/latest/api/token") => {
    const response = await service.send("PUT", path, ttl === undefined ? {} : { [TTL]: ttl });
    const life = response.headers.get(TTL);
    const body = await response.text();
    if (response.status === 200) assert.match(body, /^[\w-]{43}=$/);
    assert.equal(
      response.headers.get("content-type"),
      response.status === 200 ? "text/plain" : "application/json",
    );
    return [response.status, life];
  };
  assert.deepEqual(await put(), [200, "21600"]);
  assert.deepEqual(await put("1"), [200, "1"]);
  assert.deepEqual(await put("21600", "/latest/api/token/"), [200, "21600"]);
  for (const ttl of ["0", "21601", "-1", "1.5", "x", "", "1e3", "99999999999999999999"]) {
    assert.deepEqual(await put(ttl), [400, null], ttl);
  }
  const token = await service.token(10);
  const role = `${IAM}security-credentials`;
  service.clock.advance(2_500);
  assert.deepEqual(await service.get(role, token), [200, "aws-vault", "8"]);
  service.clock.advance(7_499);
  assert.deepEqual(await service.get(role, token), [200, "aws-vault", "1"]);
  service.clock.advance(1);
  assert.deepEqual(await service.get(role, token), [401, "Unauthorized", null]);
});

Deno.test("metadataHandler() keeps 256 tokens, those that live longest", async () => {
  const service = new Service();
  const role = `${IAM}security-credentials`;
  const short = await service.token(100);
  const long: string[] = [];
  for (let i = 0; i < 255; i++) long.push(await service.token(200));
  assert.deepEqual(await service.get(role, short), [200, "aws-vault", "100"]);
  const last = await service.token(200);
  assert.deepEqual(await service.get(role, short), [401, "Unauthorized", null]);
  for (const token of [...long, last]) {
    assert.deepEqual(await service.get(role, token), [200, "aws-vault", "200"]);
  }
  service.clock.advance(200_000);
  await service.token(1);
  assert.deepEqual(await service.get(role, last), [401, "Unauthorized", null]);
});

Deno.test("metadataHandler() refuses what is not a request of version 2", async () => {
  const service = new Service();
  const token = await service.token();
  const path = `${IAM}security-credentials/aws-vault`;
  const send = async (method: string, at: string, headers = {}, host = HOST) =>
    (await read(await service.send(method, at, headers, host))).slice(0, 2);
  const authentic = { [TOKEN]: token };
  const put = "/latest/api/token";
  assert.deepEqual(await send("GET", path, authentic, "169.254.169.254"), [200, SERVED]);
  const refused: [Promise<unknown[]>, number, string][] = [
    [send("GET", path), 401, "Unauthorized"],
    [send("GET", path, { [TOKEN]: "" }), 401, "Unauthorized"],
    [send("GET", path, { [TOKEN]: token.slice(1) }), 401, "Unauthorized"],
    [send("GET", path, { [TOKEN]: `${token}x` }), 401, "Unauthorized"],
    [send("GET", "/nothing"), 401, "Unauthorized"],
    [send("GET", put, authentic), 405, "MethodNotAllowed"],
    [send("POST", put), 405, "MethodNotAllowed"],
    [send("POST", path, authentic), 405, "MethodNotAllowed"],
    [send("PUT", path, authentic), 405, "MethodNotAllowed"],
    [
      send("HEAD", "/nothing", authentic).catch(() => [405, "MethodNotAllowed"]),
      405,
      "MethodNotAllowed",
    ],
    [send("PUT", put, { "X-Forwarded-For": "10.0.0.1" }), 400, "Forwarded"],
    [send("GET", path, { ...authentic, "X-Forwarded-For": "10.0.0.1" }), 400, "Forwarded"],
    [send("PUT", put, {}, "metadata.attacker.example"), 403, "ForbiddenHost"],
    [send("PUT", put, {}, "localhost:40123"), 403, "ForbiddenHost"],
    [send("PUT", put, {}, "127.0.0.1"), 403, "ForbiddenHost"],
    [send("GET", path, authentic, "169.254.169.254:8080"), 403, "ForbiddenHost"],
    [send("GET", path, { ...authentic, host: "attacker.example" }), 403, "ForbiddenHost"],
  ];
  for (const [got, ...expected] of refused) assert.deepEqual(await got, expected);
});

Deno.test("metadataHandler() answers without a token where version 1 is allowed", async () => {
  const service = new Service({ allowsV1: true });
  const path = `${IAM}security-credentials/aws-vault`;
  assert.deepEqual(await service.get(path), [200, SERVED, null]);
  assert.deepEqual(await service.get(path, "not one of ours"), [401, "Unauthorized", null]);
  assert.deepEqual(await service.get(path, await service.token(5)), [200, SERVED, "5"]);
  const forwarded = await service.get(path, undefined, { "x-forwarded-for": "10.0.0.1" });
  assert.deepEqual(forwarded, [400, "Forwarded", null]);
});

Deno.test("metadataHandler() says why there are no credentials, and gives the rest", async () => {
  const service = new Service();
  service.current = new VaultError("needs-person", "A person is needed", { hints: ["Run this"] });
  const token = await service.token(7);
  const refused = [503, "CredentialsUnavailable", "7"];
  assert.deepEqual(await service.get(`${IAM}security-credentials/aws-vault`, token), refused);
  assert.deepEqual(await service.get(`${IAM}info`, token), refused);
  const role = await service.get(`${IAM}security-credentials/`, token);
  assert.deepEqual(role, [200, "aws-vault", "7"]);
});
