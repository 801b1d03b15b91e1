import assert from "node:assert/strict";
import { memoryHost } from "../../tests/fakes/memory_host.ts";
import { HttpFailure, type HttpRequest, type HttpResponse } from "../http.ts";
import { getContainerCredentials } from "./container_credentials.ts";
import { getInstanceCredentials, type MetadataService } from "./instance_metadata.ts";

const SERVICE: MetadataService = {
  endpoint: "http://169.254.169.254",
  isV1Disabled: false,
  timeoutMs: 1000,
  attempts: 1,
};

const DOCUMENT = JSON.stringify({
  Code: "Success",
  AccessKeyId: "ASIAEXAMPLE",
  SecretAccessKey: "machine-secret",
  Token: "machine-token",
  Expiration: "2099-01-01T00:00:00Z",
});

type Script = readonly (readonly [status: number, body?: string] | HttpFailure)[];

/** A service that answers by a script, and what it was sent. */
function scripted(script: Script) {
  const sent: string[] = [];
  const left = [...script];
  const http = {
    send(request: HttpRequest): Promise<HttpResponse> {
      assert(request.isDirect === true, "a proxy would see it");
      const token = request.headers["x-aws-ec2-metadata-token"] ?? "";
      sent.push([request.method, request.url, token].join(" ").trim());
      const next = left.shift();
      if (next === undefined) throw new Error("nothing more was expected");
      if (next instanceof HttpFailure) return Promise.reject(next);
      const [status, body = ""] = next;
      const headers = status === 302 ? { location: "http://10.0.0.1/" } : {};
      return Promise.resolve({ status, headers, body });
    },
  };
  return { deps: { ...memoryHost(), http }, sent };
}

const outcome = async (script: Script, service: Partial<MetadataService> = {}) => {
  const { deps, sent } = scripted(script);
  try {
    const found = await getInstanceCredentials(deps, { ...SERVICE, ...service });
    return { found: found.accessKeyId, sent };
  } catch (error) {
    return { found: (error as { code?: string }).code, sent };
  }
};

const BASE = "http://169.254.169.254/latest";
const ROLES = `${BASE}/meta-data/iam/security-credentials/`;

Deno.test("getInstanceCredentials() gets a token, and another when it has ended", async () => {
  const script: Script = [[200, "one"], [401], [200, "two"], [200, "web\n"], [200, DOCUMENT]];
  assert.deepEqual(await outcome(script), {
    found: "ASIAEXAMPLE",
    sent: [
      `PUT ${BASE}/api/token`,
      `GET ${ROLES} one`,
      `PUT ${BASE}/api/token`,
      `GET ${ROLES} two`,
      `GET ${ROLES}web two`,
    ],
  });
});

Deno.test("getInstanceCredentials() goes on without a token where none is given", async () => {
  const rest: Script = [[200, "web"], [200, DOCUMENT]];
  const timeout = new HttpFailure("timeout", "no answer");
  for (const first of [[403], [404], [405], timeout] as Script) {
    assert.equal((await outcome([first, ...rest])).found, "ASIAEXAMPLE");
  }
  const strict = { isV1Disabled: true };
  assert.equal((await outcome([[404]], strict)).found, "no-credentials");
  assert.equal((await outcome([[400]])).found, "aws-refused");
});

Deno.test("getInstanceCredentials() follows no redirect, and no name that is a path", async () => {
  const token = [200, "token"] as const;
  assert.equal((await outcome([[302]])).found, "aws-refused");
  assert.equal((await outcome([token, [302]])).found, "aws-refused");
  assert.equal((await outcome([token, [200, "web"], [302]])).found, "aws-refused");
  assert.equal((await outcome([token, [200, "../../user-data"]])).found, "network");
  assert.equal((await outcome([token, [200, ".."]])).found, "network");
  assert.equal((await outcome([token, [200, ".\n"]])).found, "network");
  assert.equal((await outcome([token, [200, "..."], [200, DOCUMENT]])).found, "ASIAEXAMPLE");
  assert.equal((await outcome([token, [200, "a\nb"]])).found, "network");
  assert.equal((await outcome([[200, "a\r\nx-injected: yes"]])).found, "network");
});

Deno.test("getInstanceCredentials() distinguishes no role, no machine and a failure", async () => {
  const token = [200, "token"] as const;
  assert.equal((await outcome([token, [404]])).found, "no-credentials");
  const failed = JSON.stringify({ Code: "AssumeRoleUnauthorizedAccess", Message: "no" });
  assert.equal((await outcome([token, [200, "web"], [200, failed]])).found, "no-credentials");
  const ended = DOCUMENT.replace("2099", "1999");
  assert.equal((await outcome([token, [200, "web"], [200, ended]])).found, "network");
  const odd = DOCUMENT.replace("machine-token", "a\\nb");
  assert.equal((await outcome([token, [200, "web"], [200, odd]])).found, "network");
  const refused = new HttpFailure("unsent", "refused");
  assert.equal((await outcome([refused])).found, "network");
  assert.equal((await outcome([refused, [404], [404]], { attempts: 2 })).found, "no-credentials");
});

Deno.test("getInstanceCredentials() says what was wrong with an answer that ended early", async () => {
  const { deps } = scripted([[404], new HttpFailure("cut", "it is larger than 1 MiB")]);
  await assert.rejects(getInstanceCredentials(deps, SERVICE), {
    message: "The answer of 169.254.169.254 to the credentials of this machine was cut off: " +
      "it is larger than 1 MiB",
  });
});

Deno.test("getInstanceCredentials() asks again for what cannot be the answer", async () => {
  const token = [200, "token"] as const;
  const page = [200, "<html>"] as const;
  const script: Script = [[200, ""], [429], token, page, [503], [200, "web"], page, page, [
    200,
    DOCUMENT,
  ]];
  assert.equal((await outcome(script, { attempts: 3 })).found, "ASIAEXAMPLE");
});

Deno.test("getContainerCredentials() tries again what passes, and follows no redirect", async () => {
  const get = async (script: Script) => {
    const { deps, sent } = scripted(script);
    const endpoint = { url: "http://169.254.170.23/v1/credentials", token: undefined };
    try {
      return [(await getContainerCredentials(deps, endpoint)).accessKeyId, sent.length];
    } catch (error) {
      return [(error as { code?: string }).code, sent.length];
    }
  };
  assert.deepEqual(await get([[500], [429], [200, DOCUMENT]]), ["ASIAEXAMPLE", 3]);
  assert.deepEqual(await get([[500], [500], [500]]), ["aws-refused", 3]);
  assert.deepEqual(await get([[302]]), ["aws-refused", 1]);
  assert.deepEqual(await get([[403]]), ["aws-refused", 1]);
  const timeout = new HttpFailure("timeout", "no answer");
  assert.deepEqual(await get([timeout, timeout, timeout]), ["network", 3]);
});
