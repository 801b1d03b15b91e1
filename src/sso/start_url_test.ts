import assert from "node:assert/strict";
import { memoryHost } from "../../tests/fakes/memory_host.ts";
import type { HttpRequest, HttpResponse } from "../http.ts";
import type { SsoLogin } from "./login.ts";
import { resolveStartUrl } from "./start_url.ts";

const VANITY = "https://aws.example.com/login";

/** Resolves a start URL where its address answers with these, in order. */
async function resolve(
  session: { startUrl: string; region?: string },
  ...answers: Partial<HttpResponse>[]
) {
  const sent: string[] = [];
  const send = ({ method, url }: HttpRequest) => {
    sent.push(`${method} ${url}`);
    const answer = answers.shift();
    if (answer === undefined) throw new Error(`unexpected: ${method} ${url}`);
    return Promise.resolve({ status: 200, headers: {}, body: "", ...answer });
  };
  const login: SsoLogin = {
    session: { ...session, scopes: [] },
    profile: "p",
    urls: {},
    useFips: false,
    useDualstack: false,
    sharesCache: false,
  };
  const place = await resolveStartUrl({ ...memoryHost(), http: { send } }, login)
    .catch(({ code }: { code: string }) => code);
  return { place, sent };
}

const to = (location: string, status = 302) => ({ status, headers: { location } });

Deno.test("resolveStartUrl() asks nobody about an address of AWS's", async () => {
  const startUrl = "https://d-1234567890.awsapps.com/start";
  assert.deepEqual(await resolve({ startUrl, region: "us-east-1" }), {
    place: { startUrl, region: "us-east-1" },
    sent: [],
  });
  const regional = "https://ssoins-1.portal.eu-west-1.app.aws";
  assert.deepEqual((await resolve({ startUrl: regional })).place, {
    startUrl: regional,
    region: "eu-west-1",
  });
});

Deno.test("resolveStartUrl() follows one redirect of a company's address to one of AWS's", async () => {
  const goal = "https://ssoins-1.portal.eu-central-1.app.aws/";
  assert.deepEqual(await resolve({ startUrl: VANITY, region: "us-east-1" }, to(goal)), {
    place: { startUrl: "https://ssoins-1.portal.eu-central-1.app.aws", region: "eu-central-1" },
    sent: [`HEAD ${VANITY}`],
  });
  const old = to("https://corp.awsapps.com/start/", 301);
  assert.deepEqual(await resolve({ startUrl: VANITY, region: "us-east-1" }, { status: 405 }, old), {
    place: { startUrl: "https://corp.awsapps.com/start", region: "us-east-1" },
    sent: [`HEAD ${VANITY}`, `GET ${VANITY}`],
  });
});

Deno.test("resolveStartUrl() refuses what leads elsewhere, and what names no region", async () => {
  const session = { startUrl: VANITY, region: "us-east-1" };
  const elsewhere = [
    to("https://awsapps.com.example/start"),
    to("https://evilawsapps.com/start"),
    to("http://corp.awsapps.com/start"),
    to(""),
    {},
    { status: 404 },
  ];
  for (const answer of elsewhere) {
    assert.equal((await resolve(session, answer)).place, "bad-config", JSON.stringify(answer));
  }
  const old = to("https://corp.awsapps.com/start");
  const broken = { status: 503 };
  assert.deepEqual(await resolve(session, broken, { status: 429 }, old), {
    place: { startUrl: "https://corp.awsapps.com/start", region: "us-east-1" },
    sent: [`HEAD ${VANITY}`, `HEAD ${VANITY}`, `HEAD ${VANITY}`],
  });
  assert.equal((await resolve(session, broken, broken, broken)).place, "network");
  assert.equal((await resolve({ startUrl: VANITY }, old)).place, "bad-config");
});
