import assert from "node:assert/strict";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { containerHandler } from "./container.ts";
import type { Current } from "./live_credentials.ts";

const HOST = "127.0.0.1:40123";
const TOKEN = "token-of-this-server";
const ROLE = "arn:aws:iam::123456789012:role/team/admin";
const clock = new ManualClock();

const CREDENTIALS: Credentials = {
  accessKeyId: "ASIAEXAMPLE",
  secretAccessKey: new Secret("secret"),
  sessionToken: new Secret("session"),
  expiration: clock.now().add({ hours: 1, milliseconds: 5 }),
  accountId: "123456789012",
};

const SERVED = {
  AccessKeyId: "ASIAEXAMPLE",
  SecretAccessKey: "secret",
  Token: "session",
  Expiration: "2026-03-01T13:00:00Z",
  AccountId: "123456789012",
};

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

/** Asks a server of its own with what is right, except for what is given; the answer's status and body. */
async function ask(
  asked: Asked,
  current: Current = CREDENTIALS,
  allowedRoles = ["*/admin"],
) {
  const asksFor: string[] = [];
  const handler = containerHandler({
    gate: { host: HOST, token: new Secret(TOKEN) },
    source: {
      current: () => Promise.resolve(current),
      ofRole(roleArn) {
        asksFor.push(roleArn);
        return Promise.resolve(current instanceof VaultError ? current : { ...current, roleArn });
      },
    },
    allowedRoles,
    clock,
  });
  const headers = { host: HOST, authorization: TOKEN, ...asked.headers };
  const url = `http://${HOST}${asked.path ?? "/"}`;
  const response = await handler(new Request(url, { method: asked.method ?? "GET", headers }));
  const body = await response.json();
  for (const secret of ["secret", "session", TOKEN]) {
    if (response.status !== 200) assert(!JSON.stringify(body).includes(secret));
  }
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("cache-control"), "no-store");
  return [response.status, response.status === 200 ? body : body.code, ...asksFor];
}

Deno.test("containerHandler() gives the profile's credentials to who has the token", async () => {
  assert.deepEqual(await ask({}), [200, SERVED]);
  const ofRole = await ask({}, { ...CREDENTIALS, roleArn: ROLE }, []);
  assert.deepEqual(ofRole, [200, { RoleArn: ROLE, ...SERVED }]);
  const { expiration: _, ...endless } = CREDENTIALS;
  assert.deepEqual(await ask({}, endless), [200, {
    ...SERVED,
    Expiration: "2026-03-01T13:00:00Z",
  }]);
});

Deno.test("containerHandler() gives a role's credentials where a pattern allows it", async () => {
  const path = `/role-arn/${ROLE}`;
  assert.deepEqual(await ask({ path }), [200, { RoleArn: ROLE, ...SERVED }, ROLE]);
  assert.deepEqual(await ask({ path: `/role-arn/${encodeURIComponent(ROLE)}` }), [
    200,
    { RoleArn: ROLE, ...SERVED },
    ROLE,
  ]);
  const denied = [403, "AccessDenied"];
  for (const allowed of [[], ["*/admi"], ["arn:aws:iam::1:*"], ["role/team/admin"]]) {
    assert.deepEqual(await ask({ path }, CREDENTIALS, allowed), denied, String(allowed));
  }
  const odd = [
    "",
    "x/admin",
    `${ROLE}%0a/admin`,
    `${ROLE}%20/admin`,
    "%ff/admin",
    "%E0%A4%A/admin",
  ];
  for (const name of odd) {
    assert.deepEqual(await ask({ path: `/role-arn/${name}` }, CREDENTIALS, ["*"]), denied, name);
  }
});

Deno.test("containerHandler() refuses whatever is not the request that it gave out", async () => {
  const refused: [Asked, number, string][] = [
    [{ headers: { authorization: "" } }, 401, "Unauthorized"],
    [{ headers: { authorization: TOKEN.slice(1) } }, 401, "Unauthorized"],
    [{ headers: { authorization: `${TOKEN}x` } }, 401, "Unauthorized"],
    [{ headers: { authorization: TOKEN.toUpperCase() } }, 401, "Unauthorized"],
    [{ headers: { authorization: `Bearer ${TOKEN}` } }, 401, "Unauthorized"],
    [{ headers: { authorization: TOKEN + TOKEN } }, 401, "Unauthorized"],
    [{ headers: { host: "localhost:40123" } }, 403, "ForbiddenHost"],
    [{ headers: { host: "127.0.0.1" } }, 403, "ForbiddenHost"],
    [{ headers: { host: "attacker.example:40123" } }, 403, "ForbiddenHost"],
    [{ headers: { host: "127.0.0.1.attacker.example:40123" } }, 403, "ForbiddenHost"],
    [{ headers: { "x-forwarded-for": "10.0.0.1" } }, 400, "Forwarded"],
    [{ method: "HEAD", path: "/" }, 405, "MethodNotAllowed"],
    [{ method: "POST" }, 405, "MethodNotAllowed"],
    [{ method: "PUT" }, 405, "MethodNotAllowed"],
    [{ method: "OPTIONS" }, 405, "MethodNotAllowed"],
    [{ path: "/?x" }, 404, "NotFound"],
    [{ path: "//" }, 404, "NotFound"],
    [{ path: "/other" }, 404, "NotFound"],
    [{ path: "/role-arn" }, 404, "NotFound"],
    [{ path: `/role-arn/${ROLE}?x` }, 404, "NotFound"],
  ];
  for (const [asked, status, code] of refused) {
    assert.deepEqual(await ask(asked), [status, code], JSON.stringify(asked));
  }
});

Deno.test("containerHandler() says at once why there are no credentials, and what to do", async () => {
  const error = new VaultError("needs-person", "Cannot ask for the MFA code", {
    hints: ["Run aws-vault export work"],
  });
  assert.deepEqual(await ask({}, error), [503, "CredentialsUnavailable"]);
});

Deno.test("containerHandler() knows its host at port 80 with and without the number", async () => {
  const token = new Secret(TOKEN);
  const source = {
    current: () => Promise.resolve(CREDENTIALS),
    ofRole: () => Promise.resolve(CREDENTIALS),
  };
  const status = async (own: string, host: string) => {
    const handler = containerHandler({
      gate: { host: own, token },
      source,
      allowedRoles: [],
      clock,
    });
    const headers = { host, authorization: TOKEN };
    const request = new Request(`http://${host}/`, { headers });
    // The runtime gives the URL with the host as it was sent.
    Object.defineProperty(request, "url", { value: `http://${host}/` });
    return (await handler(request)).status;
  };
  for (const own of ["127.0.0.1:80", "127.0.0.1", "*:80"]) {
    assert.equal(await status(own, "127.0.0.1"), 200, own);
    assert.equal(await status(own, "127.0.0.1:80"), 200, own);
    assert.equal(await status(own, "127.0.0.1:8080"), 403, own);
    assert.equal(await status(own, "attacker.example"), 403, own);
  }
  assert.equal(await status("[::1]:80", "[::1]"), 200);
  assert.equal(await status("[::1]:80", "[::1]:80"), 200);
  assert.equal(await status("127.0.0.1:8080", "127.0.0.1"), 403);
});
