/** Attacks on a sign-in in the browser: by pages and programs that reach its listener, and by what is printed. */

import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { untilClosed } from "../servers/closed_port.ts";
import { SsoHome } from "../sso/sso_home.ts";

/** A program that waits for its browser, and the address of the page that it opens. */
async function waiting(home: SsoHome) {
  home.env["AWS_VAULT_BROWSER"] = "true";
  const child = home.start(["sso", "login", "--no-browser", "--debug"]);
  // The next line of --debug comes after the address was printed whole.
  await child.untilSaid("&code_challenge=");
  const page = new URL(/^ *(http\S+&code_challenge=[\w-]{43})$/m.exec(child.said())![1]!);
  const callback = new URL(page.searchParams.get("redirect_uri")!);
  return { child, page, callback };
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "requests of others to the listener neither end a sign-in nor get into it",
  async fn() {
    await using home = await SsoHome.with();
    const { child, page, callback } = await waiting(home);
    const state = page.searchParams.get("state")!;
    const port = Number(callback.port);
    const send = (head: string) => raw(port, head);
    const path = "/oauth/callback?code=evil&state=";
    const host = `Host: ${callback.host}`;
    const others = [
      // A page in the browser, which does not know the state.
      await send(`GET ${path}guess HTTP/1.1\r\n${host}`),
      await send(`GET /oauth/callback?code=evil HTTP/1.1\r\n${host}`),
      await send(`GET /oauth/callback?error=access_denied HTTP/1.1\r\n${host}`),
      // A name that leads here, with the state of a sign-in (DNS rebinding).
      await send(`GET ${path}${state} HTTP/1.1\r\nHost: evil.example:${port}`),
      await send(`GET ${path}${state} HTTP/1.1\r\nHost: localhost:${port}`),
      await send(`POST ${path}${state} HTTP/1.1\r\n${host}\r\nContent-Length: 0`),
      await send(`GET /?code=evil&state=${state} HTTP/1.1\r\n${host}`),
    ];
    assert.deepEqual(others, [400, 400, 400, 403, 403, 405, 404]);
    // The person: the page leads to the listener with the code.
    const response = await fetch(page);
    assert.match(await response.text(), /You are signed in/);
    const { code, stderr } = await child.finished;
    assert.equal(code, 0, stderr);
    const { codes } = home.aws.world.identityCenter;
    assert.deepEqual(codes.map(({ isUsed }) => isUsed), [true]);
    for (const secret of home.aws.secrets()) {
      assert(!stderr.includes(secret), "a secret is printed");
    }
    await untilClosed(port);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a code that is for another sign-in does not serve: the verifier is the program's own",
  async fn() {
    await using home = await SsoHome.with();
    const victim = await waiting(home);
    // The attacker signs in as somebody else, with a challenge of their own, and brings that code with the state.
    const own = new URL(victim.page);
    own.searchParams.set("code_challenge", "A".repeat(43));
    const answer = await fetch(own, { redirect: "manual" });
    await answer.body?.cancel();
    const page = await fetch(answer.headers.get("location")!);
    assert.match(await page.text(), /This sign-in is over/);
    const { code, stderr } = await victim.child.finished;
    assert.equal(code, 5, stderr);
    assert.match(stderr, /InvalidGrantException/);
    assert.equal(home.aws.world.identityCenter.signIns.length, 0);
  },
});

/** The status of an answer to bytes as no library would send them. */
async function raw(port: number, head: string): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(`${head}\r\n\r\n`));
  const buffer = new Uint8Array(1024);
  const count = await connection.read(buffer) ?? 0;
  return Number(new TextDecoder().decode(buffer.subarray(0, count)).split(" ")[1]);
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a bad start URL, region or section is one error, and nothing is written",
  fn: badSettings,
});

async function badSettings(): Promise<void> {
  const bad: readonly (readonly [settings: string, said: RegExp])[] = [
    ["sso_start_url = corp\nsso_region = us-east-1", /"corp" is not the https address/],
    ["sso_start_url = http://x.example\nsso_region = us-east-1", /is not the https address/],
    ["sso_start_url = https://x.awsapps.com/start", /there is no sso_region/],
    ["sso_start_url = https://x.awsapps.com/start\nsso_region = mars", /"mars" is not a region/],
    ["sso_session = none", /there is no section \[sso-session none\]/],
    ["sso_session = corp\nsso_region = eu-west-1", /is "eu-west-1" here and "us-east-1" in/],
  ];
  for (const [settings, said] of bad) {
    const role = "sso_account_id = 111122223333\nsso_role_name = Admin\n";
    const config = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n" +
      `sso_region = us-east-1\n[profile bad]\n${settings}\n${role}`;
    await using home = await SsoHome.with({}, config);
    for (
      const words of [["export", "bad"], ["sso", "login", "bad"], ["exec", "bad", "--", "true"]]
    ) {
      const { code, stdout, stderr } = await home.run(...words);
      assert.deepEqual([code, stdout], [1, ""], `${words.join(" ")}: ${stderr}`);
      assert.match(stderr, said);
      assert.match(stderr, /^error: Cannot read .*\/\.aws\/config:\d+: /);
    }
    assert.deepEqual([...Deno.readDirSync(home.path)].map(({ name }) => name), [".aws"]);
    assert.deepEqual(home.aws.takeCalls(), []);
  }
}
