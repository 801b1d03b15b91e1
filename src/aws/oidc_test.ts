import assert from "node:assert/strict";
import { ManualClock, seededRandom, TalkRecorder } from "../../tests/fakes/memory_host.ts";
import type { HttpRequest } from "../http.ts";
import { Secret } from "../secret.ts";
import { authorizeUrl, createToken, GRANTS, startDeviceAuthorization } from "./oidc.ts";
import type { AwsDeps } from "./send.ts";

const CALLER = { url: "https://oidc.us-east-1.amazonaws.com" };
const CLIENT = {
  clientId: "client",
  clientSecret: new Secret("secret"),
  expiresAt: Temporal.Instant.from("2030-01-01T00:00:00Z"),
};

/** An OIDC service that gives one answer to everything. */
function answering(answer: unknown, sent: HttpRequest[] = []): AwsDeps {
  return {
    http: {
      send(request) {
        sent.push(request);
        return Promise.resolve({ status: 200, headers: {}, body: JSON.stringify(answer) });
      },
    },
    clock: new ManualClock({ jumpsOverSleeps: true }),
    random: seededRandom(),
    talk: new TalkRecorder(),
  };
}

const DEVICE = {
  deviceCode: "device-code",
  userCode: "ABCD-EFGH",
  verificationUri: "https://device.sso.us-east-1.amazonaws.com/",
  verificationUriComplete: "https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH",
  expiresIn: 600,
  interval: 1,
};

Deno.test("startDeviceAuthorization() opens nothing but web pages, and shows no odd code", async () => {
  const ask = (change: Partial<typeof DEVICE>) =>
    startDeviceAuthorization(answering({ ...DEVICE, ...change }), CALLER, CLIENT, "https://x");
  assert.equal((await ask({})).userCode, "ABCD-EFGH");
  const odd: Partial<typeof DEVICE>[] = [
    { verificationUriComplete: "file:///etc/passwd" },
    { verificationUriComplete: "javascript:alert(1)" },
    { verificationUriComplete: "http://evil.example/" },
    { verificationUri: "--help" },
    { userCode: "\u001b[2JABCD" },
    { userCode: "a b" },
    { expiresIn: -1 },
  ];
  for (const change of odd) {
    await assert.rejects(ask(change), { code: "network" }, JSON.stringify(change));
  }
});

Deno.test("createToken() takes a token that a header can carry, and no other", async () => {
  const ask = (accessToken: string) => {
    const grant = { grantType: GRANTS.refresh, refreshToken: new Secret("r") } as const;
    return createToken(answering({ accessToken, expiresIn: 60 }), CALLER, CLIENT, grant);
  };
  assert.equal((await ask("token")).accessToken.reveal(), "token");
  for (const token of ["a\r\nx: y", "a b", "ü", ""]) {
    await assert.rejects(ask(token), { code: "network" }, token);
  }
});

Deno.test("lifetimes of a sign-in are bounded, whatever the service answers", async () => {
  const lifetime = async (expiresIn: unknown) => {
    const deps = answering({ accessToken: "token", expiresIn });
    const grant = { grantType: GRANTS.refresh, refreshToken: new Secret("r") } as const;
    const { expiresAt } = await createToken(deps, CALLER, CLIENT, grant);
    return expiresAt.since(deps.clock.now()).total("seconds");
  };
  assert.equal(await lifetime(28_800), 28_800);
  assert.equal(await lifetime(Number.MAX_SAFE_INTEGER), 90 * 86_400);
  for (const odd of [0, -1, 1e300, "60", 0.5]) {
    await assert.rejects(lifetime(odd), { code: "network" }, String(odd));
  }
  const endless = { expiresIn: Number.MAX_SAFE_INTEGER, interval: Number.MAX_SAFE_INTEGER };
  const asked = await startDeviceAuthorization(
    answering({ ...DEVICE, ...endless }),
    CALLER,
    CLIENT,
    "https://x",
  );
  assert.deepEqual([asked.expiresInSeconds, asked.intervalSeconds], [3600, 3600]);
});

Deno.test("secrets of a request are in its body alone", async () => {
  const sent: HttpRequest[] = [];
  const deps = answering({ accessToken: "token", expiresIn: 60 }, sent);
  await createToken(deps, CALLER, CLIENT, {
    grantType: GRANTS.code,
    code: new Secret("the-code"),
    codeVerifier: new Secret("the-verifier"),
    redirectUri: "http://127.0.0.1:1/oauth/callback",
  });
  const [{ url, headers, body }] = sent as [HttpRequest];
  assert.deepEqual(JSON.parse(body!), {
    clientId: "client",
    clientSecret: "secret",
    grantType: "authorization_code",
    code: "the-code",
    codeVerifier: "the-verifier",
    redirectUri: "http://127.0.0.1:1/oauth/callback",
  });
  assert.equal(/secret|the-/.test(url + JSON.stringify(headers)), false);
  assert.deepEqual((deps.talk as TalkRecorder).lines, [
    "debug: CreateToken at oidc.us-east-1.amazonaws.com, try 1: 200",
  ]);
});

Deno.test("authorizeUrl() is that of the AWS CLI", () => {
  assert.equal(
    authorizeUrl(CALLER.url, {
      clientId: "c",
      redirectUri: "http://127.0.0.1:80/oauth/callback",
      state: "s",
      challenge: "x",
      scopes: ["sso:account:access", "b"],
    }),
    "https://oidc.us-east-1.amazonaws.com/authorize?response_type=code&client_id=c" +
      "&redirect_uri=http%3A%2F%2F127.0.0.1%3A80%2Foauth%2Fcallback&state=s" +
      "&code_challenge_method=S256&scopes=sso%3Aaccount%3Aaccess%20b&code_challenge=x",
  );
});
