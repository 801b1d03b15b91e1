/** What an endpoint that is not AWS's answers to CreateSession: text from the network, checked before it is used. */

import assert from "node:assert/strict";
import { requireOpenssl } from "../servers/certificates.ts";
import { AnywhereHome } from "./anywhere_home.ts";

interface Fields {
  readonly [name: string]: unknown;
}

const GOOD = {
  accessKeyId: "ASIAEXAMPLE",
  secretAccessKey: "secret",
  sessionToken: "token",
  expiration: "2999-01-01T00:00:00Z",
};

const answer = (credentials: Fields, user: Fields = {}) => ({
  credentialSet: [{
    assumedRoleUser: { arn: "arn:aws:sts::111122223333:assumed-role/x/y", ...user },
    credentials: { ...GOOD, ...credentials },
  }],
});

const BAD: Readonly<Record<string, unknown>> = {
  "an id with an escape": answer({ accessKeyId: "ASIA\x1b[31m" }),
  "an id with a line break": answer({ accessKeyId: "ASIA\nAWS_PROFILE=x" }),
  "no id": answer({ accessKeyId: undefined }),
  "a secret with a line break": answer({ secretAccessKey: "a\nb" }),
  "a secret that is a list": answer({ secretAccessKey: ["a"] }),
  "a token with a blank": answer({ sessionToken: "a b" }),
  "no token": answer({ sessionToken: "" }),
  "an end that has passed": answer({ expiration: "2001-01-01T00:00:00Z" }),
  "an end that is not a time": answer({ expiration: "never" }),
  "no user": answer({}, { arn: undefined }),
  "no credentials": { credentialSet: [] },
  "credentials that are a text": { credentialSet: "x" },
  "nothing": {},
  "a list": [],
};

async function ask(body: unknown) {
  await using home = await AnywhereHome.with();
  home.useFiles("cert.pem", "key.pem");
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response(JSON.stringify(body), { status: 201 }),
  );
  home.env["AWS_ENDPOINT_URL_ROLESANYWHERE"] = `http://127.0.0.1:${server.addr.port}`;
  try {
    return await home.run("export", "--format=json", "work");
  } finally {
    await server.shutdown();
  }
}

Deno.test({
  ...requireOpenssl(),
  name: "CreateSession: a hostile answer is one error, and none of it is printed",
  async fn() {
    for (const [name, body] of Object.entries(BAD)) {
      const { code, stdout, stderr } = await ask(body);
      assert.deepEqual([code, stdout], [1, ""], `${name}: ${stderr}`);
      assert.match(
        stderr,
        /^error: Cannot read (?:AWS's answer|the answer of .*) to CreateSession/,
      );
      assert.equal(stderr.match(/^error: /gm)?.length, 1, name);
      assert(!/[^\n -~]/.test(stderr), name);
    }
  },
});

Deno.test({
  ...requireOpenssl(),
  name: "CreateSession: credentials that never end, end when they were asked to",
  async fn() {
    const { stdout } = await ask(answer({}));
    const left = Temporal.Instant.from(JSON.parse(stdout).Expiration)
      .since(Temporal.Now.instant()).total("minutes");
    assert(left > 55 && left <= 60, `${left} minutes`);
  },
});
