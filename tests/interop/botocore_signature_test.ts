import assert from "node:assert/strict";
import { signRequest, type UnsignedRequest } from "../../src/aws/sign.ts";
import { Secret } from "../../src/secret.ts";
import { askBotocore, requireBotocore } from "./botocore.ts";

/** Signs each request with botocore at the given second. */
const SIGN = `
import datetime, json, sys
from unittest import mock
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
rows = []
for case in json.load(sys.stdin):
    request = AWSRequest(case["method"], case["url"], dict(case["headers"]), case.get("body"))
    credentials = Credentials(case["accessKeyId"], case["secretAccessKey"], case["sessionToken"])
    when = datetime.datetime.fromtimestamp(case["epochSeconds"], datetime.timezone.utc)
    with mock.patch("botocore.auth.get_current_datetime", return_value=when.replace(tzinfo=None)):
        botocore.auth.SigV4Auth(credentials, case["service"], case["region"]).add_auth(request)
    rows.append({name.lower(): value for name, value in request.headers.items()})
json.dump(rows, sys.stdout)
`;

interface Case extends UnsignedRequest {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  readonly service: string;
  readonly region: string;
  readonly epochSeconds: number;
}

const SEED = 20260101;
const COUNT = 400;

Deno.test(`signRequest() signs ${COUNT} random requests byte for byte as botocore (seed ${SEED})`, {
  ...requireBotocore(),
}, async () => {
  const random = mulberry32(SEED);
  const cases = Array.from({ length: COUNT }, () => randomCase(random));
  const theirs = await askBotocore(SIGN, cases) as Record<string, string>[];
  const ours = await Promise.all(cases.map(sign));
  for (const [index, headers] of ours.entries()) {
    assert.deepEqual(headers, theirs[index], JSON.stringify(cases[index]));
  }
});

function sign(it: Case): Promise<Record<string, string>> {
  const { method, url, headers, body } = it;
  return signRequest({ method, url, headers, ...(body === undefined ? {} : { body }) }, {
    credentials: {
      accessKeyId: it.accessKeyId,
      secretAccessKey: new Secret(it.secretAccessKey),
      sessionToken: it.sessionToken === null ? undefined : new Secret(it.sessionToken),
    },
    service: it.service,
    region: it.region,
    now: Temporal.Instant.fromEpochMilliseconds(it.epochSeconds * 1000),
  });
}

/** The requests that this program makes, and stranger ones: odd paths, queries, headers, bodies. */
function randomCase(random: () => number): Case {
  const pick = <T>(...options: readonly T[]): T => options[Math.floor(random() * options.length)]!;
  const text = (length: number, alphabet: string) =>
    Array.from({ length }, () => pick(...alphabet)).join("");
  const words = (length: number) => text(length, LETTERS + DIGITS + " -._~!'()*,;:@$=&/?#[]+éß€😀");
  const method = pick("GET", "POST", "PUT", "DELETE", "HEAD");
  const hasBody = method === "POST" || method === "PUT";
  return {
    method,
    url:
      pick("https://sts.us-east-1.amazonaws.com", "http://127.0.0.1:4566", "https://[::1]:8443") +
      pick("/", "/", "/", `/${text(8, LETTERS)}/${encodeURIComponent(words(6))}/`) +
      pick(
        "",
        "",
        `?b=${strictlyEncoded(words(5))}&a=${text(4, DIGITS)}&a=0&${text(3, LETTERS)}=`,
      ),
    headers: {
      "content-type": pick("application/x-www-form-urlencoded; charset=utf-8", "application/json"),
      ...pick({}, { "x-amz-target": `Service.${text(9, LETTERS)}` }),
      ...pick({}, { "x-custom": `a  b   ${text(5, LETTERS)}`, accept: "application/json" }),
    },
    ...(hasBody
      ? { body: pick("", "Action=GetCallerIdentity&Version=2011-06-15", words(200)) }
      : {}),
    accessKeyId: pick("AKIA", "ASIA") + text(16, LETTERS.slice(26) + DIGITS),
    secretAccessKey: text(40, LETTERS + DIGITS + "+/"),
    sessionToken: pick(null, text(pick(16, 400, 2000), LETTERS + DIGITS + "+/=")),
    service: pick("sts", "iam", "sso", "rolesanywhere"),
    region: pick("us-east-1", "eu-west-3", "cn-north-1", "us-gov-west-1"),
    epochSeconds: Math.floor(random() * 4_000_000_000),
  };
}

/** As AWS wants it: botocore signs a query as it stands, and takes for granted that it is so. */
function strictlyEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => "%" + character.charCodeAt(0).toString(16).toUpperCase(),
  );
}

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";

/** A small generator with a seed, so that a failure can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
