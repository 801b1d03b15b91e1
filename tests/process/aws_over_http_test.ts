import assert from "node:assert/strict";
import { mayHaveActed } from "../../src/aws/network_error.ts";
import type { AwsDeps } from "../../src/aws/send.ts";
import { getCallerIdentity } from "../../src/aws/sts.ts";
import { createAccessKey } from "../../src/aws/iam.ts";
import { resolveEndpoint } from "../../src/aws/endpoint.ts";
import { AwsError, VaultError } from "../../src/errors.ts";
import { Secret } from "../../src/secret.ts";
import { systemHttp } from "../../src/system/http.ts";
import { ManualClock, seededRandom, TalkRecorder } from "../fakes/memory_host.ts";
import { startRogueListener } from "../servers/rogue_listener.ts";

// The calls of src/aws over the real HTTP client, with servers that misbehave on purpose.

const IDENTITY = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/me" +
  "</Arn><UserId>AIDA</UserId><Account>012345678901</Account></GetCallerIdentityResult>" +
  "</GetCallerIdentityResponse>";
const PAGE = "<html><head><title>503 Service Unavailable</title></head></html>";

function fault(code: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error>` +
    "<RequestId>r</RequestId></ErrorResponse>";
}

function raw(status: string, body: string, headers: Record<string, string | number> = {}) {
  const all = { "Content-Length": body.length, Connection: "close", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return { bytes: `HTTP/1.1 ${status}\r\n${lines}\r\n${body}` };
}

const FINE = raw("200 OK", IDENTITY);

function newDeps() {
  const talk = new TalkRecorder();
  const clock = new ManualClock({ jumpsOverSleeps: true });
  return { http: systemHttp(), clock, random: seededRandom(), talk };
}

function callerAt(port: number, service: "sts" | "iam" = "sts") {
  return {
    endpoint: resolveEndpoint(service, { endpointUrl: `http://127.0.0.1:${port}` }),
    credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: new Secret("secret") },
  };
}

function askIdentity(deps: AwsDeps, port: number) {
  return getCallerIdentity(deps, callerAt(port));
}

for (
  const [what, bad] of Object.entries({
    "a web page with status 503": raw("503 Service Unavailable", PAGE),
    "a web page with status 500 and no length": {
      bytes: `HTTP/1.1 500 No\r\nConnection: close\r\n\r\n${PAGE}`,
    },
    "a throttle": raw("400 Bad Request", fault("Throttling")),
    "a body that was cut": raw("200 OK", IDENTITY.slice(0, 60), {
      "Content-Length": IDENTITY.length,
    }),
    "a body that was cut and does not say so": {
      bytes: `HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${IDENTITY.slice(0, 60)}`,
    },
    "an empty answer": raw("200 OK", ""),
    "a connection that was closed": "close" as const,
  })
) {
  Deno.test(`getCallerIdentity() survives ${what}`, async () => {
    await using listener = startRogueListener(bad, FINE);
    const identity = await askIdentity(newDeps(), listener.port);
    assert.equal(identity.accountId, "012345678901");
    assert.equal(listener.received.length, 2);
  });
}

Deno.test("getCallerIdentity() survives a throttle, a web page and a cut body, but not four of them", async () => {
  const cut = raw("200 OK", "<Get", { "Content-Length": 300 });
  await using twice = startRogueListener(raw("429 Slow Down", fault("Throttling")), cut, FINE);
  assert.equal((await askIdentity(newDeps(), twice.port)).userId, "AIDA");
  await using always = startRogueListener(cut, raw("503 No", PAGE), cut, FINE);
  await assert.rejects(askIdentity(newDeps(), always.port), (error) => {
    assert(error instanceof VaultError);
    const address = `127.0.0.1:${always.port}`;
    assert.deepEqual([error.code, error.message], [
      "network",
      `The answer of ${address} to GetCallerIdentity was cut off: error reading a body from connection`,
    ]);
    return true;
  });
  assert.equal(always.received.length, 3);
});

Deno.test("getCallerIdentity() goes by AWS's clock when ours is refused", async () => {
  const late = { Date: "Sun, 01 Mar 2026 14:00:00 GMT" };
  await using listener = startRogueListener(
    raw("403 Forbidden", fault("SignatureDoesNotMatch"), late),
    FINE,
  );
  const deps = newDeps();
  await askIdentity(deps, listener.port);
  const dates = listener.received.map((request) => /^x-amz-date: (.*)$/im.exec(request)?.[1]);
  assert.deepEqual(dates, ["20260301T120000Z", "20260301T140000Z"]);
  assert.match(deps.talk.said.join(), /clock is 120 minutes behind AWS's/);
});

Deno.test("a refusal comes once, with AWS's words", async () => {
  await using listener = startRogueListener(raw("403 Forbidden", fault("AccessDenied")));
  await assert.rejects(askIdentity(newDeps(), listener.port), (error) => {
    assert(error instanceof AwsError);
    assert.equal(
      error.message,
      "AWS refused GetCallerIdentity: AccessDenied: no (request id r)",
    );
    return true;
  });
});

Deno.test("createAccessKey() reaches the server once when its answer is lost", async () => {
  await using listener = startRogueListener("close", FINE);
  const calling = createAccessKey(newDeps(), callerAt(listener.port, "iam"));
  await assert.rejects(calling, (error) => mayHaveActed(error));
  assert.equal(listener.received.length, 1);
});
