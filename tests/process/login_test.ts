/** Signing in to the console: what AWS is asked for, and what others could see of it. */

import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { LoginHome } from "./login_home.ts";

Deno.test("login signs in with a role, for as long as AWS lets it", NOT_ON_WINDOWS, async () => {
  await using place = await LoginHome.open();
  const { home, signIn } = place;
  const page = "https://console.aws.amazon.com/console/home?region=us-east-1";
  assert.equal(await place.follow("admin"), page);
  assert.equal(await place.follow("-d", "12h", "admin"), page);
  assert.equal(await place.follow("-d", "30m", "chained"), page);
  const sessions = signIn.granted.map(({ arn, sessionSeconds }) => [
    arn.split("/")[1],
    sessionSeconds,
  ]);
  assert.deepEqual(sessions, [["admin", undefined], ["admin", 43_200], ["audit", undefined]]);
  assert.deepEqual(
    signIn.asked.filter((line) => line.startsWith("POST")),
    ["POST /federation", "POST /federation", "POST /federation"],
  );
  home.aws.takeCalls();
});

Deno.test(
  "login with a key alone signs in as a federated user, and says what that lacks",
  NOT_ON_WINDOWS,
  async () => {
    await using place = await LoginHome.open();
    const { home, signIn } = place;
    assert.equal(
      await place.follow("work"),
      "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1",
    );
    assert.deepEqual(home.aws.takeCalls(), [
      "GetCallerIdentity by key/work",
      "GetFederationToken by key/work for 3600s",
    ]);
    assert.deepEqual(signIn.granted, [
      { arn: "arn:aws:sts::111122223333:federated-user/work", sessionSeconds: undefined },
    ]);
    home.write(
      ".aws/config",
      "[profile work]\nmfa_serial = arn:aws:iam::111122223333:mfa/work\nregion = us-east-1\n",
    );
    const { stderr } = await home.start(["login", "-s", "work"]).finished;
    assert.match(stderr, /^note: The console session of profile "work" is without MFA/);
  },
);

Deno.test(
  "login takes the environment's credentials, and refuses what cannot sign in",
  NOT_ON_WINDOWS,
  async () => {
    await using place = await LoginHome.open();
    const { home } = place;
    const exported = JSON.parse((await home.succeed("export", "--format=json", "admin")).stdout);
    const env = {
      AWS_ACCESS_KEY_ID: exported.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: exported.SecretAccessKey,
      AWS_SESSION_TOKEN: exported.SessionToken,
    };
    const own = await home.start(["login", "-s", "--region", "us-east-1"], env).finished;
    assert.deepEqual([own.code, own.stderr], [0, ""]);
    const session = JSON.parse((await home.succeed("export", "--format=json", "work")).stdout);
    const refused = await home.start(["login", "-s"], {
      AWS_ACCESS_KEY_ID: session.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: session.SecretAccessKey,
      AWS_SESSION_TOKEN: session.SessionToken,
    }).finished;
    assert.deepEqual([refused.code, refused.stdout], [5, ""]);
    assert.match(
      refused.stderr,
      /^error: AWS refused getSigninToken: 400: it refused the credentials/,
    );
    assert(!refused.stderr.includes(session.SecretAccessKey));
  },
);

Deno.test(
  "login leads to the page that is asked for, and to no other host",
  NOT_ON_WINDOWS,
  async () => {
    await using place = await LoginHome.open();
    const base = "https://console.aws.amazon.com";
    const pages: [string[], string][] = [
      [["--service", "ec2"], `${base}/ec2/home?region=us-east-1`],
      [["--path", "/s3/buckets?x=y"], `${base}/s3/buckets?x=y`],
      [["--path", "s3/home"], `${base}/s3/home`],
      [
        ["--path", "https://111122223333-abcd1234.eu-west-1.console.aws.amazon.com/ec2/home?a=b#c"],
        `${base}/ec2/home?a=b#c`,
      ],
    ];
    for (const [flags, page] of pages) assert.equal(await place.follow(...flags, "admin"), page);
    for (
      const path of [
        "https://evil.example/ec2",
        "http://console.aws.amazon.com/ec2",
        "//evil.example/x",
      ]
    ) {
      const { code, stdout } = await place.home.start(["login", "-s", "--path", path, "admin"])
        .finished;
      if (path.startsWith("//")) assert.match(stdout, /Destination=https%3A%2F%2Fconsole\.aws/);
      else assert.deepEqual([code, stdout], [2, ""]);
    }
  },
);

Deno.test(
  "login sends credentials to no address that is not encrypted",
  NOT_ON_WINDOWS,
  async () => {
    await using place = await LoginHome.open();
    for (const url of ["http://192.0.2.2:8080", "javascript:alert(1)", "file:///etc/passwd", "x"]) {
      place.home.env["AWS_ENDPOINT_URL_SIGNIN"] = url;
      const { code, stdout, stderr } = await place.home.run("login", "-s", "admin");
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, /^error: Cannot understand AWS_ENDPOINT_URL_SIGNIN: /);
    }
    assert.deepEqual([place.signIn.asked, place.signIn.granted], [[], []]);
  },
);

Deno.test("login leads to the console of each partition", NOT_ON_WINDOWS, async () => {
  await using place = await LoginHome.open();
  const { home } = place;
  const exported = JSON.parse((await home.succeed("export", "--format=json", "admin")).stdout);
  home.env["AWS_ACCESS_KEY_ID"] = exported.AccessKeyId;
  home.env["AWS_SECRET_ACCESS_KEY"] = exported.SecretAccessKey;
  home.env["AWS_SESSION_TOKEN"] = exported.SessionToken;
  const hosts: Readonly<Record<string, string>> = {
    "us-east-1": "console.aws.amazon.com",
    "eu-west-1": "eu-west-1.console.aws.amazon.com",
    "cn-north-1": "console.amazonaws.cn",
    "us-gov-east-1": "us-gov-east-1.console.amazonaws-us-gov.com",
    "eusc-de-east-1": "eusc-de-east-1.console.amazonaws-eusc.eu",
    "us-iso-east-1": "us-iso-east-1.console.c2shome.ic.gov",
    "us-isob-east-1": "us-isob-east-1.console.sc2shome.sgov.gov",
  };
  for (const [region, host] of Object.entries(hosts)) {
    const page = `https://${host}/console/home?region=${region}`;
    assert.equal(await place.follow("--region", region), page);
  }
});

Deno.test("login shows the sign-in address to the browser alone", NOT_ON_WINDOWS, async () => {
  await using place = await LoginHome.open();
  const { home, signIn } = place;
  const script = '#!/bin/sh\necho "$@" > "$HOME/args"\ncurl -s -D "$HOME/headers" "$1"\n' +
    'curl -s -o /dev/null -w "%{http_code}" "$1" > "$HOME/again"\necho > "$HOME/ended"\n';
  home.write("browser", script, 0o755);
  const ended = `${home.path}/ended`;
  await new Deno.Command("mkfifo", { args: [ended] }).output();
  const browser = `${home.path}/browser`;
  const { code, stdout, stderr } = await home.start(
    ["login", "--debug", "--browser", browser, "-a", "admin"],
  ).finished;
  assert.deepEqual([code, stdout], [0, ""]);
  // The browser goes on by itself.
  await new Deno.Command("cat", { args: [ended] }).output();
  assert.match(home.read("again")!, /^(000|404)$/);
  const [token = ""] = signIn.tokens();
  assert.match(home.read("args")!, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\n$/);
  const location = /^location: (.*)\r$/im.exec(home.read("headers")!)![1]!;
  assert.match(location, /\/oauth\?Action=logout&redirect_uri=/);
  assert(decodeURIComponent(decodeURIComponent(location)).includes(token));
  for (const secret of [token, ...home.aws.secrets()]) assert(!stderr.includes(secret));
});

Deno.test(
  "login without a browser says how to go on, before anybody is asked",
  NOT_ON_WINDOWS,
  async () => {
    await using place = await LoginHome.open();
    const { code, stderr } = await place.home.start(["login", "admin"], { SSH_TTY: "/dev/pts/1" })
      .finished;
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: Cannot open a browser here: this is an SSH connection\nhint: .*--stdout/,
    );
    assert.deepEqual(place.home.aws.takeCalls(), []);
  },
);
