import assert from "node:assert/strict";
import { ManualClock, seededRandom } from "../../tests/fakes/memory_host.ts";
import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { grantedHandler, profileUri } from "./granted.ts";
import { Grants } from "./grants.ts";
import type { Current } from "./live_credentials.ts";

const HOST = "127.0.0.1:40123";

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly token?: string;
  readonly host?: string;
}

/** A server with the grants `one` (work, my work) and `two` (admin). */
class World {
  readonly clock = new ManualClock();
  readonly grants = new Grants({ clock: this.clock, random: seededRandom() });
  readonly one = this.grants.make({
    name: "one",
    profiles: ["work", "my work", "a/b"],
    lifetimeSeconds: 3600,
  });
  readonly two = this.grants.make({ name: "two", profiles: ["admin"] });
  readonly asksFor: string[] = [];
  current: Current = {
    accessKeyId: "ASIAEXAMPLE",
    secretAccessKey: new Secret("secret-key"),
    sessionToken: new Secret("session-token"),
    expiration: this.clock.now().add({ hours: 12 }),
    accountId: "123456789012",
  } satisfies Credentials;

  readonly #handler = grantedHandler({
    gate: { host: HOST },
    grants: this.grants,
    current: (profile) => (this.asksFor.push(profile), Promise.resolve(this.current)),
    clock: this.clock,
  });

  /** Asks with what is right for grant `one`, except for what is given; the status and the body, or its code. */
  async ask(asked: Asked = {}) {
    const authorization = asked.token ?? this.one.token.reveal();
    const headers = { host: asked.host ?? HOST, authorization };
    const url = `http://${HOST}${asked.path ?? "/profile/work"}`;
    const response = await this.#handler(
      new Request(url, { method: asked.method ?? "GET", headers }),
    );
    const body = await response.json();
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(response.headers.get("cache-control"), "no-store");
    if (response.status === 200) return [200, body];
    const secrets = [
      "secret-key",
      "session-token",
      this.one.token.reveal(),
      this.two.token.reveal(),
    ];
    assert.deepEqual(secrets.filter((secret) => JSON.stringify(body).includes(secret)), []);
    assert.deepEqual([body.code, body.message], [body.Code, body.Message]);
    return [response.status, body.code, body.message];
  }
}

Deno.test("grantedHandler() gives the profiles of a grant to anyone who has its token", async () => {
  const world = new World();
  const served = {
    AccessKeyId: "ASIAEXAMPLE",
    SecretAccessKey: "secret-key",
    Token: "session-token",
    Expiration: "2026-03-02T00:00:00Z",
    AccountId: "123456789012",
  };
  for (const profile of ["work", "my work", "a/b"]) {
    const { pathname } = new URL(profileUri(HOST, profile));
    assert.deepEqual(await world.ask({ path: pathname }), [200, served]);
  }
  const token = world.two.token.reveal();
  assert.deepEqual(await world.ask({ path: "/profile/admin", token }), [200, served]);
  assert.deepEqual(world.asksFor, ["work", "my work", "a/b", "admin"]);
});

const NO_TOKEN = "The Authorization header does not have the token of a grant";
const NOT_ONE = 'Grant "one" is not for this profile';
const NO_PATH = "There is nothing at this path; request /profile/NAME";
const FOREIGN = "This server only answers at the address that it announced";

const REFUSED: readonly [Asked, number, string, string][] = [
  [{ token: "" }, 401, "Unauthorized", NO_TOKEN],
  [{ token: "x".repeat(43) }, 401, "Unauthorized", NO_TOKEN],
  // Not even what exists is said to somebody without a token.
  [{ token: "", path: "/other" }, 401, "Unauthorized", NO_TOKEN],
  [{ token: "", method: "POST" }, 401, "Unauthorized", NO_TOKEN],
  [{ path: "/profile/admin" }, 403, "AccessDenied", NOT_ONE],
  [{ path: "/profile/nobody" }, 403, "AccessDenied", NOT_ONE],
  [{ path: "/profile/Work" }, 403, "AccessDenied", NOT_ONE],
  [{ path: "/profile/work%00" }, 403, "AccessDenied", NOT_ONE],
  [{ path: "/profile/work%2f..%2fadmin" }, 403, "AccessDenied", NOT_ONE],
  [{ path: "/profile/work%252f" }, 403, "AccessDenied", NOT_ONE],
  [{ path: "/profile/work/../admin" }, 403, "AccessDenied", NOT_ONE],
  [{ path: "/" }, 404, "NotFound", NO_PATH],
  [{ path: "/profile" }, 404, "NotFound", NO_PATH],
  [{ path: "/profile/" }, 404, "NotFound", NO_PATH],
  [{ path: "/profile/work/" }, 404, "NotFound", NO_PATH],
  [{ path: "//profile/work" }, 404, "NotFound", NO_PATH],
  [{ path: "/profile/work?x" }, 404, "NotFound", NO_PATH],
  [{ path: "/profile/%ff" }, 404, "NotFound", NO_PATH],
  [{ path: "/profile/.." }, 404, "NotFound", NO_PATH],
  [{ path: "/profile/%2e%2e" }, 404, "NotFound", NO_PATH],
  [{ path: "/role-arn/arn:aws:iam::123456789012:role/admin" }, 404, "NotFound", NO_PATH],
  [{ method: "HEAD" }, 405, "MethodNotAllowed", "Only GET requests are answered"],
  [{ method: "POST" }, 405, "MethodNotAllowed", "Only GET requests are answered"],
  [{ method: "OPTIONS" }, 405, "MethodNotAllowed", "Only GET requests are answered"],
  ...[
    "localhost:40123",
    "127.0.0.1",
    "127.0.0.1:40124",
    "127.1:40123",
    "[::1]:40123",
    "attacker.example:40123",
    "127.0.0.1.attacker.example:40123",
    "169.254.170.2",
  ].map((host): [Asked, number, string, string] => [{ host }, 403, "ForbiddenHost", FOREIGN]),
];

Deno.test("grantedHandler() refuses whatever the grant does not say", async () => {
  const world = new World();
  for (const [asked, ...expected] of REFUSED) {
    assert.deepEqual(await world.ask(asked), expected, JSON.stringify(asked));
  }
  assert.deepEqual(world.asksFor, []);
});

Deno.test("grantedHandler() obeys the end of a grant, and a revocation, and says which", async () => {
  const world = new World();
  world.clock.advance(3_599_000);
  assert.equal((await world.ask())[0], 200);
  world.clock.advance(1_000);
  assert.deepEqual(await world.ask(), [
    403,
    "GrantEnded",
    'Grant "one" has expired; create a new one: aws-vault grant',
  ]);
  const two = { path: "/profile/admin", token: world.two.token.reveal() };
  assert.equal((await world.ask(two))[0], 200);
  world.grants.revoke("two");
  assert.deepEqual(await world.ask(two), [403, "GrantRevoked", 'Grant "two" was revoked']);
});

Deno.test("grantedHandler() says why there are no credentials, and what to do", async () => {
  const world = new World();
  world.current = new VaultError("needs-person", "A person is needed", {
    hints: ["Run in another terminal: aws-vault export work"],
  });
  assert.deepEqual(await world.ask(), [
    503,
    "CredentialsUnavailable",
    "A person is needed. Run in another terminal: aws-vault export work",
  ]);
});

Deno.test("profileUri() refuses a name that a URL would lead elsewhere", () => {
  assert.equal(profileUri(HOST, "a b/ü"), `http://${HOST}/profile/a%20b%2F%C3%BC`);
  for (const name of ["", ".", "..", "\ud800"]) {
    assert.throws(() => profileUri(HOST, name), { code: "unsupported" }, JSON.stringify(name));
  }
});
