import assert from "node:assert/strict";
import { ManualClock, seededRandom } from "../../tests/fakes/memory_host.ts";
import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { type Controlled, type ControlRequest, handleControl, parseAnswer } from "./control.ts";
import { Grants } from "./grants.ts";

/** A server whose profile `locked` has no credentials, and which does not serve `other`. */
function serve() {
  const done: string[] = [];
  const server: Controlled = {
    host: "127.0.0.1:40123",
    pid: 4242,
    grants: new Grants({ clock: new ManualClock(), random: seededRandom() }),
    requireServed(profile) {
      if (profile === "other") throw new VaultError("conflict", "It is not served");
    },
    policiesUnder(profile, { readOnly, policy, agent }) {
      if (agent === "refused") throw new VaultError("refused", "Not for agents");
      done.push(...readOnly ? [`${profile} is narrowed`] : []);
      return Promise.resolve([...readOnly ? ["arn:ReadOnly"] : [], ...policy ? [policy] : []]);
    },
    prepare: (profile, { terms }) =>
      Promise.resolve(
        terms.readOnly
          ? new VaultError("unsupported", "It takes no policy")
          : profile === "locked"
          ? new VaultError("needs-person", "A person is needed", { hints: ["Ask one"] })
          : { accessKeyId: "ASIA", secretAccessKey: new Secret("secret-key") },
      ),
    changed: () => void done.push("changed"),
    stop: () => void done.push("stop"),
  };
  const ask = async (request: ControlRequest | Record<string, unknown>) =>
    JSON.parse(await handleControl(JSON.stringify(request), server));
  return { done, server, ask };
}

Deno.test("handleControl() makes, lists and revokes grants", async () => {
  const { done, ask } = serve();
  const made = await ask({ do: "grant", profiles: ["work", "work"], lifetimeSeconds: 60 });
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN: token, ...rest } = made;
  const summary = { name: "work", profiles: ["work"], expiration: "2026-03-01T12:01:00Z" };
  assert.deepEqual(rest, {
    ...summary,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:40123/profile/work",
  });
  assert.match(token, /^[\w-]{43}$/);
  const endless = await ask({ do: "grant", name: "ci", profiles: ["work", "admin"] });
  assert.deepEqual([endless.name, endless.expiration], ["ci", null]);
  assert.deepEqual(await ask({ do: "list" }), {
    grants: [summary, { name: "ci", profiles: ["work", "admin"], expiration: null }],
  });
  assert.deepEqual(await ask({ do: "revoke", name: "work" }), summary);
  assert.equal((await ask({ do: "list" })).grants.length, 1);
  assert.deepEqual(done, ["changed", "changed", "changed"]);
});

Deno.test("handleControl() keeps the terms of a grant, and lists what it is narrowed to", async () => {
  const { done, server, ask } = serve();
  const terms = { readOnly: true, agent: "claude" };
  const { missing } = await ask({ do: "prepare", profile: "work", terms });
  assert.equal(missing.code, "unsupported");
  const made = await ask({ do: "grant", profiles: ["work", "admin"], terms });
  assert.deepEqual([made.policies, made.agent], [["arn:ReadOnly"], "claude"]);
  assert.deepEqual(server.grants.live().map((grant) => grant.terms), [terms]);
  const policy = '{"Statement":[]}';
  await ask({ do: "grant", name: "ci", profiles: ["work"], terms: { policy } });
  const listed = (await ask({ do: "list" })).grants;
  assert.deepEqual(listed.map((grant: { policies: string[] }) => grant.policies), [
    ["arn:ReadOnly"],
    [policy],
  ]);
  const refused = await ask({ do: "grant", profiles: ["work"], terms: { agent: "refused" } });
  assert.equal(refused.error.code, "refused");
  const narrowed = ["work is narrowed", "work is narrowed", "admin is narrowed"];
  assert.deepEqual(done, [...narrowed, "changed", "changed"]);
});

Deno.test("handleControl() says where it is, what is missing, and ends", async () => {
  const { done, ask } = serve();
  const status = { pid: 4242, url: "http://127.0.0.1:40123" };
  assert.deepEqual(await ask({ do: "status" }), status);
  assert.deepEqual(await ask({ do: "prepare", profile: "work" }), {});
  assert.deepEqual(await ask({ do: "prepare", profile: "locked" }), {
    missing: { code: "needs-person", message: "A person is needed", hints: ["Ask one"] },
  });
  assert.deepEqual([await ask({ do: "stop" }), done], [status, ["stop"]]);
});

Deno.test("handleControl() refuses what it does not understand, and does nothing", async () => {
  const { done, server } = serve();
  const odd = [
    "",
    "{",
    "null",
    "[]",
    '"stop"',
    "{}",
    '{"do":"constructor"}',
    '{"do":"__proto__"}',
    '{"do":["stop"]}',
    '{"do":"grant"}',
    '{"do":"grant","profiles":[]}',
    '{"do":"grant","profiles":"work"}',
    '{"do":"grant","profiles":[1]}',
    '{"do":"grant","profiles":[""]}',
    '{"do":"grant","profiles":["work"],"name":1}',
    ...["0", "-1", "1.5", '"60"', "1e99", "null"].map((seconds) =>
      `{"do":"grant","profiles":["work"],"lifetimeSeconds":${seconds}}`
    ),
    ...[
      "1",
      "null",
      "[]",
      '{"readonly":true}',
      '{"readOnly":false}',
      '{"readOnly":"true"}',
      '{"denyRoleChaining":1}',
      '{"policyArn":"arn"}',
      '{"policyArn":[]}',
      '{"policyArn":[""]}',
      '{"policy":"/etc/policy.json"}',
      '{"agent":""}',
      '{"noSession":true}',
      '{"__proto__":{}}',
    ].flatMap((terms) => [
      `{"do":"grant","profiles":["work"],"terms":${terms}}`,
      `{"do":"prepare","profile":"work","terms":${terms}}`,
    ]),
    '{"do":"revoke"}',
    '{"do":"revoke","name":""}',
    '{"do":"prepare"}',
  ];
  for (const line of odd) {
    const { error } = JSON.parse(await handleControl(line, server));
    assert.equal(error.code, "bad-usage", line);
  }
  const refused: [Record<string, unknown>, string][] = [
    [{ do: "grant", profiles: ["work", "other"] }, "conflict"],
    [{ do: "prepare", profile: "other" }, "conflict"],
    [{ do: "grant", profiles: [".."] }, "unsupported"],
    [{ do: "revoke", name: "work" }, "no-credentials"],
  ];
  for (const [request, code] of refused) {
    const { error } = JSON.parse(await handleControl(JSON.stringify(request), server));
    assert.equal(error.code, code, JSON.stringify(request));
  }
  assert.deepEqual([done, server.grants.live()], [[], []]);
});

Deno.test("parseAnswer() throws the error of the server, or that it is not one", () => {
  const error = { code: "conflict", message: "No", hints: ["Wait"] };
  const thrown = (line: string) => {
    try {
      return parseAnswer("status", line);
    } catch (error) {
      assert(error instanceof VaultError);
      return [error.code, error.message, error.hints];
    }
  };
  assert.deepEqual(thrown(JSON.stringify({ error })), ["conflict", "No", ["Wait"]]);
  assert.deepEqual(thrown('{"error":{"code":"x","message":"No"}}'), ["internal", "No", []]);
  const why = "Cannot parse the request on the socket: the version of the server may differ";
  assert.deepEqual(thrown("x"), ["bad-usage", why, []]);
  assert.deepEqual(thrown('{"pid":1,"url":"u"}'), { pid: 1, url: "u" });
});
