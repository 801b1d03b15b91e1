/** Signing in for a `login_session` on another device: what the page shows is pasted at the terminal. */

import assert from "node:assert/strict";
import {
  createSigninToken,
  type ProveKey,
  SIGNIN_CLIENTS,
  type SigninGrant,
  signinUrl,
} from "../../src/aws/signin.ts";
import { resolveSignin } from "../../src/aws/signin_place.ts";
import type { AwsError } from "../../src/errors.ts";
import { challengeOf } from "../../src/sso/browser_code.ts";
import { makeProofKey, proverOf } from "../../src/sso/dpop.ts";
import { systemHost } from "../../src/system/host.ts";
import { TalkRecorder } from "../fakes/memory_host.ts";
import { Secret } from "../../src/secret.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import { Home } from "../home.ts";

const CONFIG = `[profile ann]
login_session = arn:aws:iam::111122223333:user/ann
`;

/** Runs a command; the person opens the address elsewhere, and enters what `typed` makes of the page's code. */
async function signInRemotely(typed: (shown: string) => string) {
  await using home = new Home(await startFakeAws({ users: [{ name: "ann" }] }));
  home.write(".aws/config", CONFIG);
  let address = "";
  const run = await home.runOn(
    (host) => ({
      ...host,
      terminal: {
        isAvailable: () => Promise.resolve(true),
        write(line: string) {
          address = /^ +(http.*)$/.exec(line)?.[1] ?? address;
          return Promise.resolve();
        },
        async ask() {
          await (await fetch(address)).text();
          return new Secret(typed(home.aws.world.signin.shown!));
        },
        dropTyped: () => Promise.resolve(),
      },
    }),
    "sso",
    "login",
    "--remote",
    "ann",
  );
  return {
    code: run.code,
    last: run.stderr.trimEnd().split("\n").at(-1),
    calls: home.aws.takeCalls(),
  };
}

const OPENED = "AuthorizeSignin by nobody";
const AGAIN = "hint: Start again: aws-vault sso login ann";

Deno.test("login_session: the code of another device's page is pasted, with its state", async () => {
  assert.deepEqual(await signInRemotely((shown) => ` ${shown}\n`), {
    code: 0,
    last: 'Signed in to AWS as "arn:aws:iam::111122223333:user/ann"',
    calls: [OPENED, "CreateOAuth2Token by code by sso/ann"],
  });
});

Deno.test("login_session: a code of somebody else's sign-in, or none, is not exchanged", async () => {
  const others = [
    () => btoa("state=0123456789abcdef&code=somebody-elses"),
    (shown: string) => btoa(atob(shown).replace(/state=./, "state=%")),
    (shown: string) => btoa(`${atob(shown)}&state=x`),
    (shown: string) => btoa(atob(shown).replace(/&code=.*/, "")),
    () => "123456",
    () => "",
  ];
  for (const other of others) {
    assert.deepEqual(await signInRemotely(other), { code: 5, last: AGAIN, calls: [OPENED] });
  }
});

Deno.test("login_session: tokens serve with their key alone, and a proof once", async () => {
  await using aws = await startFakeAws({ users: [{ name: "ann" }] });
  const host = { ...systemHost(), talk: new TalkRecorder() };
  const { url } = aws;
  const redirectUri = "http://127.0.0.1:1/oauth/callback";
  const codeVerifier = new Secret("v".repeat(64));
  const clientId = SIGNIN_CLIENTS.sameDevice;
  const state = new Secret("s".repeat(43));
  const challenge = await challengeOf(codeVerifier);
  const place = { url, oauthUrl: url, region: "us-east-1" };
  const page = signinUrl(place, { clientId, redirectUri, state, challenge });
  const answer = await fetch(page, { redirect: "manual" });
  const code = new Secret(new URL(answer.headers.get("location")!).searchParams.get("code")!);
  await answer.body?.cancel();
  const [key, other] = [await makeProofKey(), await makeProofKey()];
  const grant = { grantType: "authorization_code", code, codeVerifier, redirectUri } as const;
  const ask = async (grant: SigninGrant, prove: ProveKey) => {
    try {
      return await createSigninToken(host, { url }, { clientId, grant, prove });
    } catch (error) {
      return (error as AwsError).awsMessage;
    }
  };
  const token = await ask(grant, proverOf(host, key));
  assert(typeof token !== "string");
  assert.equal(await ask(grant, proverOf(host, key)), "AUTHCODE_EXPIRED");

  const refresh = { grantType: "refresh_token", refreshToken: token.refreshToken } as const;
  assert.equal(
    await ask(refresh, proverOf(host, other)),
    "Invalid request: the key is not the one that the token is bound to",
  );
  const proof = await proverOf(host, key)({ method: "POST", url: `${url}/v1/token` });
  assert(typeof await ask(refresh, () => Promise.resolve(proof)) !== "string");
  assert.equal(
    await ask(refresh, () => Promise.resolve(proof)),
    "Invalid request: a proof that was used before",
  );
  assert.equal(
    await ask(refresh, () => proverOf(host, key)({ method: "POST", url: `${url}/v1/other` })),
    "Invalid request: the claims of DPoP",
  );
});

Deno.test("resolveSignin() knows where people sign in, and what is not a region", () => {
  assert.equal(
    resolveSignin("eu-west-1", undefined).url,
    "https://eu-west-1.signin.aws.amazon.com",
  );
  assert.equal(
    resolveSignin("cn-north-1", undefined).url,
    "https://cn-north-1.signin.amazonaws.cn",
  );
  assert.throws(() => resolveSignin("moon", undefined), { code: "bad-config" });
  assert.equal(
    resolveSignin("us-iso-east-1", undefined).url,
    "https://signin.us-iso-east-1.c2s.ic.gov",
  );
});
