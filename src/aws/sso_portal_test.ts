import assert from "node:assert/strict";
import { ManualClock, seededRandom, TalkRecorder } from "../../tests/fakes/memory_host.ts";
import { type ScriptedAnswer, ScriptedHttp } from "../../tests/fakes/scripted_http.ts";
import { Secret } from "../secret.ts";
import { getRoleCredentials, listAccounts, logout } from "./sso_portal.ts";

const CALLER = { url: "https://portal.sso.us-east-1.amazonaws.com" };
const TOKEN = new Secret("token");
const ROLE = { accountId: "111122223333", roleName: "Admin" };
const START = "2026-01-01T00:00:00Z";

function portal(...script: ScriptedAnswer[]) {
  const http = new ScriptedHttp(...script);
  const clock = new ManualClock({ jumpsOverSleeps: true, start: START });
  return { http, clock, random: seededRandom(), talk: new TalkRecorder() };
}

const ms = (text: string) => Temporal.Instant.from(text).epochMilliseconds;

const role = (change: Record<string, unknown> = {}): ScriptedAnswer => ({
  body: JSON.stringify({
    roleCredentials: {
      accessKeyId: "ASIAEXAMPLE",
      secretAccessKey: "secret",
      sessionToken: "session",
      expiration: ms("2026-01-01T01:00:00Z"),
      ...change,
    },
  }),
});

Deno.test("getRoleCredentials() reads milliseconds, and sends the token in its header", async () => {
  const deps = portal(role());
  const { expiration, accountId } = await getRoleCredentials(deps, CALLER, TOKEN, ROLE);
  assert.deepEqual([String(expiration), accountId], ["2026-01-01T01:00:00Z", "111122223333"]);
  const [request] = deps.http.requests;
  assert.equal(
    request!.url,
    `${CALLER.url}/federation/credentials?role_name=Admin&account_id=111122223333`,
  );
  assert.deepEqual(request!.headers, {
    accept: "application/json",
    "x-amz-sso_bearer_token": "token",
    "user-agent": "aws-vault",
  });
});

Deno.test("getRoleCredentials() serves nothing for longer than AWS gives it, and nothing that has ended", async () => {
  const later = role({ expiration: ms("2099-01-01T00:00:00Z") });
  const { expiration } = await getRoleCredentials(portal(later), CALLER, TOKEN, ROLE);
  assert.equal(String(expiration), "2026-01-01T12:00:00Z");
  const odd = [
    { expiration: ms(START) },
    { expiration: "2099-01-01T00:00:00Z" },
    { secretAccessKey: "a\nb" },
    { accessKeyId: "" },
    { sessionToken: null },
  ];
  for (const change of odd) {
    const calling = getRoleCredentials(portal(role(change)), CALLER, TOKEN, ROLE);
    await assert.rejects(calling, { code: "network" }, JSON.stringify(change));
  }
});

Deno.test("listAccounts() follows pages, and refuses those that go round in a circle", async () => {
  const account = { accountId: "111122223333", accountName: "a b", emailAddress: "a@b" };
  const page = (nextToken: string | null): ScriptedAnswer => ({
    body: JSON.stringify({ accountList: [account], nextToken }),
  });
  const deps = portal(page("two"), page(null));
  const found = await Array.fromAsync(listAccounts(deps, CALLER, TOKEN));
  assert.deepEqual(found, [account, account]);
  assert.deepEqual(deps.http.requests.map(({ url }) => new URL(url).search), [
    "?max_result=100",
    "?max_result=100&next_token=two",
  ]);
  const circle = portal(page("two"), page("two"));
  await assert.rejects(Array.fromAsync(listAccounts(circle, CALLER, TOKEN)), { code: "network" });
});

Deno.test("a refusal is named by its header, its type or its status", async () => {
  const refusals: readonly (readonly [ScriptedAnswer, string])[] = [
    [
      { status: 403, headers: { "x-amzn-errortype": "ForbiddenException:http://x" }, body: "{}" },
      "ForbiddenException",
    ],
    [
      { status: 404, body: '{"__type":"a.b#ResourceNotFoundException"}' },
      "ResourceNotFoundException",
    ],
    [{ status: 401, body: '{"message":"Session token not found"}' }, "UnauthorizedException"],
    [{ status: 400, body: '{"error":"invalid_request"}' }, "InvalidRequestException"],
  ];
  for (const [answer, awsCode] of refusals) {
    const calling = getRoleCredentials(portal(answer), CALLER, TOKEN, ROLE);
    await assert.rejects(calling, { code: "aws-refused", awsCode });
  }
  await logout(portal({ status: 200, body: "" }), CALLER, TOKEN);
});
