import assert from "node:assert/strict";
import { makeCertificates, requireOpenssl } from "../servers/certificates.ts";
import { Home } from "../home.ts";
import { CLOSED_URL } from "../servers/closed_port.ts";
import { startRogueListener } from "../servers/rogue_listener.ts";

const CAN_MAKE_CERTIFICATES = requireOpenssl();
const CHILD = new URL("./send_through_proxy.ts", import.meta.url).pathname;

/** What came of the two requests of a process with this environment. */
async function sendFrom(env: Record<string, string>, url: string): Promise<string[]> {
  const { authority } = await makeCertificates();
  const { PATH = "", HOME = "", DENO_DIR } = Deno.env.toObject();
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", CHILD, url, authority],
    clearEnv: true,
    env: { PATH, HOME, ...(DENO_DIR ? { DENO_DIR } : {}), ...env },
  }).output();
  assert.notEqual(stdout.length, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

const ANSWER = { bytes: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy" };
const HERE = { bytes: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere" };
const REFUSAL = { bytes: "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n" };

for (const name of ["HTTP_PROXY", "http_proxy", "ALL_PROXY"]) {
  Deno.test(
    `send() goes through the proxy of ${name}, whichever authority is trusted`,
    CAN_MAKE_CERTIFICATES,
    async () => {
      await using proxy = startRogueListener(ANSWER, ANSWER);
      const env = { [name]: `http://127.0.0.1:${proxy.port}` };
      assert.deepEqual(await sendFrom(env, "http://sts.invalid/x"), ["200 proxy", "200 proxy"]);
      assert.deepEqual(proxy.received.map((request) => request.split("\r\n")[0]), [
        "POST http://sts.invalid/x HTTP/1.1",
        "POST http://sts.invalid/x HTTP/1.1",
      ]);
    },
  );
}

for (const name of ["HTTPS_PROXY", "https_proxy"]) {
  Deno.test(
    `send() asks the proxy of ${name} for a tunnel, and fails without one`,
    CAN_MAKE_CERTIFICATES,
    async () => {
      await using proxy = startRogueListener(REFUSAL, REFUSAL);
      const env = { [name]: `http://127.0.0.1:${proxy.port}` };
      const closed = ["closed-proxy", "closed-proxy"];
      assert.deepEqual(await sendFrom(env, "https://sts.invalid/"), closed);
      assert.deepEqual(proxy.received.map((request) => request.split("\r\n")[0]), [
        "CONNECT sts.invalid:443 HTTP/1.1",
        "CONNECT sts.invalid:443 HTTP/1.1",
      ]);
    },
  );
}

for (const name of ["NO_PROXY", "no_proxy"]) {
  Deno.test(`send() goes past the proxy where ${name} says so`, CAN_MAKE_CERTIFICATES, async () => {
    await using proxy = startRogueListener();
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, [name]: "example.com,.invalid" };
    assert.deepEqual(await sendFrom(env, "http://sts.invalid/"), ["unsent", "unsent"]);
    assert.deepEqual(proxy.received, []);
  });
}

for (const name of ["HTTP_PROXY", "http_proxy", "ALL_PROXY"]) {
  Deno.test(
    `send() without TLS to this machine goes past the proxy of ${name}, which would see it all`,
    CAN_MAKE_CERTIFICATES,
    async () => {
      await using proxy = startRogueListener();
      await using aws = startRogueListener(HERE, HERE);
      const env = { [name]: `http://127.0.0.1:${proxy.port}`, NO_PROXY: "example.com" };
      const url = `http://127.0.0.1:${aws.port}/`;
      assert.deepEqual(await sendFrom(env, url), ["200 here", "200 here"]);
      assert.deepEqual(proxy.received, []);
    },
  );
}

Deno.test("send() goes past every proxy where NO_PROXY is *", CAN_MAKE_CERTIFICATES, async () => {
  await using proxy = startRogueListener();
  const env = { ALL_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: "*" };
  assert.deepEqual(await sendFrom(env, "http://sts.invalid/"), ["unsent", "unsent"]);
  assert.deepEqual(await sendFrom(env, "https://sts.invalid/"), ["unsent", "unsent"]);
  assert.deepEqual(proxy.received, []);
});

Deno.test(
  "send() with TLS to this machine goes past the proxy, too",
  CAN_MAKE_CERTIFICATES,
  async () => {
    await using proxy = startRogueListener();
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    await using aws = startRogueListener("slam", "slam");
    assert.deepEqual(await sendFrom(env, `https://127.0.0.1:${aws.port}/`), ["unsent", "unsent"]);
    assert.deepEqual(proxy.received, []);
  },
);

const answers = (status: string) => ({
  bytes: `${status}\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n`,
});
const ASKS = answers("HTTP/1.1 407 Proxy Authentication Required");

Deno.test("a proxy that asks for credentials is named, with the user whose they were", async () => {
  await using home = await Home.open();
  await home.as("work").succeed("add", "--env", "work");
  const cases = [["", "asks for credentials (407)"], ["bob:pw@", "does not accept the user bob"]];
  for (const [user, problem] of cases) {
    for (const protocol of ["http", "https"]) {
      await using proxy = startRogueListener(ASKS, ASKS, ASKS);
      const { code, stderr } = await home.start(["exec", "work", "--", "true"], {
        AWS_ENDPOINT_URL: `${protocol}://sts.invalid`,
        AWS_VAULT_ALLOW_HTTP: "sts.invalid",
        ALL_PROXY: `http://${user}127.0.0.1:${proxy.port}`,
      }).finished;
      assert.equal(code, 1);
      const which = `the proxy 127.0.0.1:${proxy.port} of ALL_PROXY ${problem}`;
      assert(stderr.includes(which), stderr);
      assert(!stderr.includes("pw@"), stderr);
    }
  }
});

Deno.test("a proxy that makes no connection is named with its own answer, in HTTP/1.0 too", async () => {
  await using home = await Home.open();
  await home.as("work").succeed("add", "--env", "work");
  const cases = [
    ["HTTP/1.0 407 Proxy Authentication Required", "", "asks for credentials (407)"],
    ["HTTP/1.0 407 Who are you", "bob:p%40w@", "does not accept the user bob"],
    ["HTTP/1.1 403 Forbidden", "", "makes no connection to sts.invalid: HTTP/1.1 403 Forbidden"],
    ["HTTP/1.0 502 Bad", "bob:pw@", "makes no connection to sts.invalid: HTTP/1.0 502 Bad"],
    ["SSH-2.0-x", "", "makes no connection to sts.invalid"],
  ] as const;
  for (const [status, user, problem] of cases) {
    // The program tries three times, and asks the proxy itself each time; so much is not needed.
    await using proxy = startRogueListener(...Array.from({ length: 40 }, () => answers(status)));
    for (const scheme of ["http://", ""]) {
      const { code, stderr } = await home.start(["exec", "work", "--", "true"], {
        AWS_ENDPOINT_URL: "https://sts.invalid",
        HTTPS_PROXY: `${scheme}${user}127.0.0.1:${proxy.port}`,
      }).finished;
      assert.equal(code, 1);
      const which = `the proxy 127.0.0.1:${proxy.port} of HTTPS_PROXY ${problem}`;
      assert(stderr.includes(which), stderr);
      assert(!/p@w|pw@|p%40w/.test(stderr), stderr);
    }
  }
});

/** Nobody listens there. */
const CLOSED = new URL(CLOSED_URL).host;

Deno.test("a proxy that cannot be reached is named with its variable, and without its password", async () => {
  await using home = await Home.open();
  await home.as("work").succeed("add", "--env", "work");
  const cases = [
    ["HTTPS_PROXY", `http://bob:pw@${CLOSED}`, CLOSED],
    ["https_proxy", CLOSED, CLOSED],
    ["ALL_PROXY", `socks5://bob:pw@${CLOSED}`, CLOSED],
    ["HTTPS_PROXY", "http://bob:pw@proxy.invalid:3128", "proxy.invalid:3128"],
  ] as const;
  for (const [variable, proxy, shown] of cases) {
    const env = { AWS_ENDPOINT_URL: "https://sts.invalid", [variable]: proxy };
    const failed = await home.start(["exec", "work", "--", "true"], env).finished;
    const [error, hint] = failed.stderr.split("\n");
    assert.equal(failed.code, 1);
    assert(
      error?.startsWith(
        `error: Cannot reach sts.invalid for GetSessionToken: the proxy ${shown} of ${variable} cannot be reached: `,
      ),
      failed.stderr,
    );
    assert.equal(
      hint,
      "hint: Check the proxy address in that variable; NO_PROXY lists the hosts that need no proxy",
    );
    assert(!failed.stderr.includes("pw"), failed.stderr);
    // What NO_PROXY names fails by itself.
    const past = await home.start(["exec", "work", "--", "true"], { ...env, NO_PROXY: ".invalid" })
      .finished;
    assert(!past.stderr.includes("the proxy "), past.stderr);
  }
});
