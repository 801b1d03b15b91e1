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
    assert.match(stderr, /^note: The console session of profile "work" has no MFA/);
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
    const same: [string, string][] = [
      ["//evil.example/x", `${base}/evil.example/x`],
      ["\\\\evil.example", `${base}/evil.example`],
      ["/\\evil.example/x", `${base}/evil.example/x`],
      [`${base}//evil.example/x`, `${base}/evil.example/x`],
      [`${base}/\\evil.example/x`, `${base}/evil.example/x`],
      [`${base}:8443/x`, `${base}/x`],
    ];
    for (const [path, page] of same) {
      assert.equal(await place.follow("--path", path, "admin"), page, path);
    }
    const others = [
      ["--path", "https://evil.example/ec2"],
      ["--path", "http://console.aws.amazon.com/ec2"],
      ["--path", "https://console.aws.amazon.com@evil.example/"],
      ["--path", "/\t/evil.example"],
      ["--path", "\t//evil.example"],
      ["--path", "\n\\\\evil.example"],
      ["--path", "\t//["],
      ["--path", "/s3", "--service", "ec2"],
    ];
    for (const flags of others) {
      const { code, stdout } = await place.home.start(["login", "-s", ...flags, "admin"]).finished;
      assert.deepEqual([code, stdout], [2, ""], flags.join(" "));
    }
  },
);

Deno.test("login federates a user's key of the environment", NOT_ON_WINDOWS, async () => {
  await using place = await LoginHome.open();
  const { home, signIn } = place;
  home.as("work");
  assert.equal(
    await place.follow("--region", "eu-west-1", "-d", "2h"),
    "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1",
  );
  assert.deepEqual(home.aws.takeCalls(), [
    "GetCallerIdentity by key/work",
    "GetFederationToken by key/work for 7200s",
  ]);
  assert.deepEqual(signIn.granted, [
    { arn: "arn:aws:sts::111122223333:federated-user/work", sessionSeconds: undefined },
  ]);
  for (
    const [env, flags, code] of [
      [{ AWS_SECRET_ACCESS_KEY: "" }, [], 2],
      [{}, ["--role-arn", "111122223333:admin"], 2],
      [{}, ["--read-only"], 1],
    ] as const
  ) {
    const refused = await home.start(["login", "-s", ...flags], env).finished;
    assert.deepEqual([refused.code, refused.stdout], [code, ""], refused.stderr);
  }
  assert.deepEqual(home.aws.takeCalls(), []);
});

Deno.test(
  "login takes the browser of flag, variable and profile in this order",
  NOT_ON_WINDOWS,
  async () => {
    await using place = await LoginHome.open();
    const { home } = place;
    const script =
      '#!/bin/sh\necho "${0##*/} $*" > ~/opened\nfor page; do :; done\ncurl -s "$page"\n';
    for (const name of ["firefox", "one", "two"]) home.write(`bin/${name}`, script, 0o700);
    home.write(
      ".aws/config",
      `${home.read(".aws/config")}[profile own]
source_profile = work
role_arn = arn:aws:iam::111122223333:role/admin
aws_vault_browser = ${home.path}/bin/firefox
aws_vault_browser_profile = Work
`,
    );
    const variable = { AWS_VAULT_BROWSER: `${home.path}/bin/one` };
    const cases: [string[], Record<string, string>, string][] = [
      [[], { BROWSER: `${home.path}/bin/two` }, "firefox -P Work"],
      // A profile of Firefox means nothing to another browser.
      [[], variable, "one"],
      [["--browser", `${home.path}/bin/two`], variable, "two"],
      [
        ["--browser", `${home.path}/bin/firefox`, "--browser-profile", "x"],
        variable,
        "firefox -P x",
      ],
    ];
    for (const [flags, env, opened] of cases) {
      const { code, stderr } = await home.start(["login", ...flags, "own"], env).finished;
      assert.equal(code, 0, stderr);
      assert.equal(home.read("opened")?.replace(/ http:\S+\n/, ""), opened);
    }
  },
);

Deno.test("AWS_VAULT_STDOUT means --stdout as aws-vault 7 reads it", NOT_ON_WINDOWS, async () => {
  await using place = await LoginHome.open();
  for (const value of ["1", "t", "TRUE"]) {
    const { stdout, stderr } = await place.home.start(["login", "admin"], {
      AWS_VAULT_STDOUT: value,
    }).finished;
    assert.match(stdout, /^http:\S+\n$/, stderr);
  }
});

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

Deno.test(
  "login opens a container or a profile of a browser, and shows it a page of this machine",
  NOT_ON_WINDOWS,
  async () => {
    await using place = await LoginHome.open();
    const { home, signIn } = place;
    for (const name of ["firefox", "chrome"]) {
      const script = '#!/bin/sh\nfor word; do echo "$word"; done > "$HOME/args"\n' +
        'url=$(printf %s "$word" | sed "s/.*&url=//; s/&color=.*//; s/%3A/:/g; s/%2F/\\//g")\n' +
        'curl -s -o /dev/null -D "$HOME/headers" "$url"\n';
      home.write(`bin/${name}`, script, 0o755);
    }
    home.write(
      ".aws/config",
      `${home.read(".aws/config")}[profile odd & name]
source_profile = work
role_arn = arn:aws:iam::111122223333:role/admin
aws_vault_browser = ${home.path}/bin/firefox --new-window
aws_vault_browser_profile = my work
aws_vault_container_color = red
[profile pale]
source_profile = work
role_arn = arn:aws:iam::111122223333:role/admin
aws_vault_container_color = beige
`,
    );
    const page = "http%3A%2F%2F127.0.0.1%3APORT%2FONCE";
    const cases: [string[], string[]][] = [
      [["--container", "odd & name"], [
        "--new-window",
        "-P",
        "my work",
        "--new-tab",
        `ext+granted-containers:name=odd%20%26%20name&url=${page}&color=red&icon=`,
      ]],
      [["admin", "--container", "prod", "--browser", `${home.path}/bin/firefox`], [
        "--new-tab",
        `ext+granted-containers:name=prod&url=${page}&color=&icon=`,
      ]],
      [["--container=x-{profile}", "admin", "--browser", `${home.path}/bin/firefox`], [
        "--new-tab",
        `ext+granted-containers:name=x-admin&url=${page}&color=&icon=`,
      ]],
      [["admin", "--browser-profile", "Profile 1", "--browser", `${home.path}/bin/chrome`], [
        "--profile-directory=Profile 1",
        decodeURIComponent(page),
      ]],
    ];
    for (const [words, expected] of cases) {
      const { code, stdout, stderr } = await home.start(["login", "--debug", ...words]).finished;
      assert.deepEqual([code, stdout], [0, ""], stderr);
      const args = home.read("args")!.trim().split("\n")
        .map((word) => word.replace(/(%3A|:)\d+(%2F|\/)[\w-]{22}/, "$1PORT$2ONCE"));
      assert.deepEqual(args, expected);
      for (const token of signIn.tokens()) assert(!home.read("args")!.includes(token));
    }
    const refused: [string[], number][] = [
      [["--container", "pale", "--browser", `${home.path}/bin/firefox`], 1],
      [["admin", "--container", "--browser", `${home.path}/bin/chrome`], 2],
      [["admin", "--browser-profile", "x", "--browser", "lynx"], 2],
    ];
    home.aws.takeCalls();
    for (const [words, wanted] of refused) {
      const { code, stdout } = await home.start(["login", ...words]).finished;
      assert.deepEqual([code, stdout], [wanted, ""], words.join(" "));
    }
    assert.deepEqual(home.aws.takeCalls(), []);
  },
);

Deno.test(
  "login does not sign out first where an address shows a console of several sessions",
  NOT_ON_WINDOWS,
  async () => {
    await using place = await LoginHome.open();
    const path = "https://111122223333-abcd1234.eu-west-1.console.aws.amazon.com/ec2/home";
    const { code, stdout, stderr } = await place.home.start([
      "login",
      "-s",
      "-a",
      "--path",
      path,
      "admin",
    ])
      .finished;
    assert.equal(code, 0);
    assert.match(stdout, /\/federation\?Action=login&/);
    assert.match(
      stderr,
      /^note: Not signing out first: this address supports several console sessions/m,
    );
  },
);
