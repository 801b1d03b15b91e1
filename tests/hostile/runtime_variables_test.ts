/** Attacks by a variable of the runtime: it logs TLS keys, or trusts an authority, behind our back. */

import assert from "node:assert/strict";
import { makeCertificates, requireOpenssl } from "../servers/certificates.ts";
import { launch, programWords } from "../process/launch.ts";

// From the sources Deno has obeyed them before the first line of ours.
const IS_COMPILED = programWords().length === 1;
const AVAILABLE = Deno.build.os === "windows" ? { ignore: true } : requireOpenssl();

/** A home with a stored key, and a server of an authority that nobody knows. */
async function openScene() {
  await using stack = new AsyncDisposableStack();
  const { authority, certificate, key } = await makeCertificates();
  let calls = 0;
  const server = stack.use(Deno.serve(
    { port: 0, hostname: "127.0.0.1", cert: certificate, key, onListen() {} },
    () => {
      calls++;
      return new Response(
        "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>",
        {
          status: 403,
        },
      );
    },
  ));
  const home = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(home, { recursive: true }));
  await Deno.writeTextFile(`${home}/ca.pem`, authority);
  const env = {
    HOME: home,
    AWS_VAULT_BACKEND: "file",
    AWS_VAULT_FILE_PASSPHRASE: "correct-horse-battery-staple",
    AWS_VAULT_FILE_UNLOCK_TTL: "0",
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL: `https://localhost:${server.addr.port}`,
  };
  const secrets = {
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  };
  const added = await launch(["add", "--env", "work"], { ...env, ...secrets }).finished;
  assert.equal(added.code, 0, added.stderr);
  const opened = stack.move();
  return {
    home,
    takeCalls: () => [calls, calls = 0][0],
    run: (words: readonly string[], more: Readonly<Record<string, string>>) =>
      launch(words, { ...env, ...more }).finished,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

Deno.test("no variable of the runtime makes it trust an authority", AVAILABLE, async () => {
  await using scene = await openScene();
  const ca = `${scene.home}/ca.pem`;
  const attempts: Record<string, string>[] = [
    { NODE_EXTRA_CA_CERTS: ca },
    { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
    { NODE_OPTIONS: "--use-openssl-ca", SSL_CERT_DIR: scene.home },
    ...IS_COMPILED ? [{ DENO_CERT: ca }] : [],
  ];
  for (const attempt of attempts) {
    const { stderr } = await scene.run(["export", "work"], attempt);
    assert.match(stderr, /^error: Cannot trust localhost:/, JSON.stringify(attempt));
  }
  assert.equal(scene.takeCalls(), 0);
  await scene.run(["export", "work"], { AWS_CA_BUNDLE: ca });
  assert.notEqual(scene.takeCalls(), 0, "the variable that is meant for it works");
});

Deno.test(
  "SSLKEYLOGFILE logs nothing of ours, and the child of exec has it",
  AVAILABLE,
  async () => {
    await using scene = await openScene();
    const log = `${scene.home}/keys.log`;
    const attack = { SSLKEYLOGFILE: log, AWS_CA_BUNDLE: `${scene.home}/ca.pem` };
    await scene.run(["export", "work"], attack);
    assert.notEqual(scene.takeCalls(), 0);
    const isLogged = await Deno.stat(log).then(({ size }) => size > 0, () => false);
    assert.equal(isLogged, !IS_COMPILED);
    const set = {
      ...IS_COMPILED ? { DENO_CERT: `${scene.home}/ca.pem` } : {},
      DENO_NODE_USE_OPENSSL_CA: "1",
      NODE_EXTRA_CA_CERTS: `${scene.home}/ca.pem`,
      NODE_OPTIONS: "--no-warnings",
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
      NODE_USE_SYSTEM_CA: "1",
      SSLKEYLOGFILE: log,
    };
    const names = "SSLKEYLOGFILE|DENO_CERT|(DENO_)?NODE_[A-Z_]+|AWS_VAULT_WITHHELD_[A-Z]+";
    const { stdout } = await scene.run(
      ["exec", "--no-session", "work", "--", "sh", "-c", `env | grep -E '^(${names})=' | sort`],
      set,
    );
    const given = Object.entries(set).map(([name, value]) => `${name}=${value}\n`);
    assert.equal(stdout, given.join(""));
  },
);

Deno.test("no variable of the runtime logs what goes to AWS", AVAILABLE, async () => {
  await using scene = await openScene();
  const folder = `${scene.home}/logs`;
  const attempts: Record<string, string>[] = [
    { DENO_LOG: "trace,rustls=trace,hyper=trace,h2=trace", RUST_LOG: "trace" },
    { NODE_DEBUG: "http,https,tls,net,*", NODE_DEBUG_NATIVE: "*" },
    { NODE_OPTIONS: `--tls-keylog=${folder}/keys --trace-tls`, NODE_V8_COVERAGE: folder },
    { OTEL_DENO: "true", OTEL_EXPORTER_OTLP_PROTOCOL: "console" },
    { DENO_COVERAGE_DIR: folder, DENO_AUDIT_PERMISSIONS: `${folder}/audit` },
  ];
  for (const attempt of IS_COMPILED ? attempts : attempts.slice(1, 3)) {
    await Deno.mkdir(folder);
    const { stderr } = await scene.run(["export", "work"], {
      ...attempt,
      AWS_CA_BUNDLE: `${scene.home}/ca.pem`,
    });
    assert.notEqual(scene.takeCalls(), 0);
    assert.doesNotMatch(stderr, /AWS4-HMAC|Action=|wJalrX|correct-horse|_SECRET /);
    assert.deepEqual([...Deno.readDirSync(folder)], [], JSON.stringify(attempt));
    await Deno.remove(folder);
  }
});
