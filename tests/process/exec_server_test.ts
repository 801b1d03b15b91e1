/** `exec --server` with the programs that ask it. */

import assert from "node:assert/strict";
import { Home, NOT_ON_WINDOWS } from "../home.ts";
import { requireService, runs } from "../services.ts";
import { type Launched, programWords } from "./launch.ts";

/** A running `exec --server`, whose child stays until it is let go. */
class Served implements AsyncDisposable {
  readonly home: Home;
  readonly program: Launched;
  readonly uri: URL;
  readonly token: string;

  constructor(home: Home, program: Launched, said: string) {
    this.home = home;
    this.program = program;
    const [, uri = "", token = ""] = /(http:\S+) (\S+)/.exec(said) ?? [];
    this.uri = new URL(uri);
    this.token = token;
  }

  static async start(...flags: string[]): Promise<Served> {
    const home = await Home.open({ users: [{ name: "work" }], roles: [{ name: "admin" }] });
    home.write(".aws/config", "[profile work]\nregion = eu-west-1\n");
    await home.as("work").succeed("add", "--env", "work");
    await new Deno.Command("mkfifo", { args: [`${home.path}/go`] }).output();
    home.write(
      "child",
      `file=$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
       token=\${AWS_CONTAINER_AUTHORIZATION_TOKEN-$(cat "$file")}
       echo "$AWS_CONTAINER_CREDENTIALS_FULL_URI $token" > ${home.path}/where
       env > ${home.path}/env; echo ready >&2; read code < ${home.path}/go; exit $code`,
    );
    const words = ["exec", "--server", ...flags, "work", "--", "sh", `${home.path}/child`];
    const program = home.start(words);
    await program.untilSaid("ready");
    return new Served(home, program, home.read("where")!);
  }

  /** Sends bytes as they are, and gives the first line of the answer; nothing where there is none. */
  async send(text: string): Promise<string> {
    const { hostname, port } = this.uri;
    using socket = await Deno.connect({ hostname, port: Number(port) });
    const answer = socket.readable.pipeThrough(new TextDecoderStream()).getReader();
    await socket.write(new TextEncoder().encode(text)).catch(() => {});
    let said = "";
    while (!said.includes("\r\n")) {
      const { done, value } = await answer.read().catch(() => ({ done: true, value: "" }));
      if (done) break;
      said += value;
    }
    return said.split("\r\n")[0]!;
  }

  async end(code = 0): Promise<{ code: number; stderr: string }> {
    await Deno.writeTextFile(`${this.home.path}/go`, `${code}\n`);
    return await this.program.finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The child, too: it holds the streams open, and waits forever where a test has failed.
    await new Deno.Command("kill", { args: ["-KILL", "--", `-${this.program.pid}`] }).output();
    await this.home[Symbol.asyncDispose]();
  }
}

Deno.test({
  name: "exec --server gives its child an address and a token, and no key; it ends with the child",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using served = await Served.start();
    const names = served.home.read("env")!.split("\n").map((line) => line.split("=")[0]!);
    assert.deepEqual(names.filter((name) => /^AWS_(?!ENDPOINT|V)/.test(name)).toSorted(), [
      "AWS_CONTAINER_AUTHORIZATION_TOKEN",
      "AWS_CONTAINER_CREDENTIALS_FULL_URI",
      "AWS_DEFAULT_REGION",
      "AWS_EC2_METADATA_DISABLED",
      "AWS_REGION",
    ]);
    assert.match(served.token, /^[\w-]{43}=?$/);
    const headers = { authorization: served.token };
    const answer = await (await fetch(served.uri, { headers })).json();
    const { aws } = served.home;
    assert.equal(aws.world.sessionUser(answer.AccessKeyId), "work");
    assert.equal(aws.takeCalls().filter((call) => call.includes("GetSessionToken")).length, 1);
    const { code, stderr } = await served.end(7);
    assert.deepEqual([code, stderr], [7, "ready\n"]);
    await assert.rejects(fetch(served.uri, { headers }));
  },
});

Deno.test({
  name: "exec --server refuses what its child would not ask",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using served = await Served.start();
    const own = `Host: ${served.uri.host}\r\nAuthorization: ${served.token}\r\n`;
    const get = (line: string, headers: string) => served.send(`${line}\r\n${headers}\r\n`);
    const OK = "HTTP/1.1 200 OK";
    assert.equal(await get("GET / HTTP/1.1", `${own}Connection: close\r\n`), OK);
    const refused: [string, string, RegExp][] = [
      ["GET / HTTP/1.1", `Host: ${served.uri.host}\r\n`, /401/],
      ["GET / HTTP/1.1", `Host: evil.example\r\nAuthorization: ${served.token}\r\n`, /403/],
      ["GET / HTTP/1.1", `Authorization: ${served.token}\r\n`, /40[03]/],
      ["GET http://evil.example/ HTTP/1.1", own, /403/],
      ["GET /../../etc/passwd HTTP/1.1", own, /404/],
      ["GET /%2e%2e/ HTTP/1.1", own, /^(HTTP\/1.1 (404|200))/],
      ["POST / HTTP/1.1", `${own}Content-Length: 3\r\n\r\nabc`, /405/],
      ["POST / HTTP/1.1", `${own}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n`, /405/],
      ["TRACE / HTTP/1.1", own, /40[05]/],
      ["GET / HTTP/1.1", `${own}X: ${"x".repeat(500_000)}\r\n`, /^(HTTP\/1.1 (431|400|413)|)/],
      ["nonsense", "", /^(HTTP\/1.1 400|)/],
    ];
    for (const [line, headers, expected] of refused) {
      assert.match(await get(line, headers), expected, line);
    }
    assert.equal(await get("GET / HTTP/1.1", `${own}Connection: close\r\n`), OK);
    assert.equal((await served.end()).code, 0);
  },
});

Deno.test({
  name: "exec --server gives roles that a pattern allows, assumed by the profile",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using served = await Served.start("--allow-role", "*:role/ad*");
    const { account } = served.home.aws.world;
    const headers = { authorization: served.token };
    /** As an SDK does, which asks again where the server is still at it. */
    const ask = async (name: string): Promise<[number, string]> => {
      const place = new URL(`role-arn/arn:aws:iam::${account}:role/${name}`, served.uri);
      const response = await fetch(place, { headers });
      const { RoleArn, Code } = await response.json();
      return response.status === 503 ? await ask(name) : [response.status, RoleArn ?? Code];
    };
    served.home.aws.takeCalls();
    const expected = [200, `arn:aws:iam::${account}:role/admin`];
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask("admin")));
    assert.deepEqual(answers, Array(20).fill(expected));
    assert.equal(served.home.aws.takeCalls().length, 1);
    assert.deepEqual(await ask("other"), [403, "AccessDenied"]);
    await served.end();
  },
});

Deno.test({
  name: "exec --server opens the file store for each renewal with the passphrase from a descriptor",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using home = await Home.open({
      users: [{ name: "work" }],
      roles: [{ name: "one" }, { name: "two" }],
    });
    home.write(".aws/config", "[profile work]\nregion = eu-west-1\n");
    await home.as("work").succeed("add", "--env", "work");
    const { account } = home.aws.world;
    home.write("passphrase", home.env["AWS_VAULT_FILE_PASSPHRASE"]!);
    delete home.env["AWS_VAULT_FILE_PASSPHRASE"];
    // Each path is a renewal of its own, when the number of the descriptor is another file's.
    home.write(
      "ask.sh",
      `${ASK}
       { cat <&3; } 2>/dev/null && echo "the passphrase is still there"
       base=$AWS_CONTAINER_CREDENTIALS_FULL_URI
       for path in "" role-arn/arn:aws:iam::${account}:role/one role-arn/arn:aws:iam::${account}:role/two; do
         AWS_CONTAINER_CREDENTIALS_FULL_URI=$base$path
         until ask | tee line | grep -v 'ask again'; do :; done
       done`,
    );
    const exec = 'exec "$@" exec -s --lazy --passphrase-fd 3 --allow-role "*" work -- ' +
      "sh $HOME/ask.sh 3<$HOME/passphrase";
    const shell = ["sh", "-c", exec, "sh", ...programWords()];
    const { stdout, stderr } = await home.start([], {}, shell).finished;
    const lines = stdout.trimEnd().split("\n").map(withoutTime);
    assert.deepEqual([...lines, stderr], ["200 ASIA", "200 ASIA", "200 ASIA", ""]);
  },
});

Deno.test({
  name: "exec --server removes the token file of a server that was killed, and no other",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using killed = await Served.start("--token-file");
    const { home } = killed;
    const folder = `${home.path}/.awsvault/state/tokens`;
    const tokens = () => [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
    const left = tokens();
    assert.equal(left.length, 2);
    killed.program.kill("SIGKILL");
    await untilDead(killed.program.pid);
    assert.deepEqual(tokens(), left);
    const look = `ls ${folder} | grep -vc .lock; ls ${folder} | grep -c ${left[0]}`;
    const inside = ["exec", "-s", "--token-file", "work", "--", "sh", "-c", look];
    const { code, stdout } = await home.start(inside).finished;
    assert.deepEqual([code, stdout], [1, "1\n0\n"]);
    assert.deepEqual(tokens(), []);
    const dying = ["exec", "-s", "--token-file", "work", "--", "sh", "-c", "kill -KILL $$"];
    assert.equal((await home.start(dying).finished).code, 137);
    assert.deepEqual(tokens(), []);
  },
});

/** A home whose profile needs an MFA code, and a program `zenity` that prints one after it was let. */
async function openDeviceHome(): Promise<Home> {
  const home = await Home.open({ users: [{ name: "work", mfa: [{}] }] });
  const { serial } = home.aws.user("work").device;
  home.write(".aws/config", `[profile work]\nregion = us-east-1\nmfa_serial = ${serial}\n`);
  await home.as("work").succeed("add", "--env", "work");
  home.write("bin/zenity", "#!/bin/sh\necho asked >>$HOME/asked; cat $HOME/code\n", 0o700);
  home.env.PATH = `${home.path}/bin:${Deno.env.get("PATH")}`;
  await new Deno.Command("mkfifo", { args: [`${home.path}/code`] }).output();
  return home;
}

/** Asks the server, and prints status, time in milliseconds and the message. */
const ASK = `
ask() {
  curl -s -o answer -w '%{http_code} %{time_total} ' -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" \
    $AWS_CONTAINER_CREDENTIALS_FULL_URI
  grep -o '"Message":"[^"]*' answer || grep -o '"ASIA' answer | tr -d '"'
}
cd
`;

/**
 * The server answers within 200 ms; the rest is for curl and the shell on a machine at other work. A request
 * that waited for the person would wait forever.
 */
const slow = (line: string) => Number(line.split(" ")[1]) > 1;
const withoutTime = (line: string) => line.replace(/ [0-9.]+ /, " ");

Deno.test({
  name: "exec --server says at once that a person is needed, and what to run",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using home = await openDeviceHome();
    home.write(
      "ask.sh",
      `${ASK} until ask | tee line | grep -v 'ask again'; do cat line; done; ask; ask; ask`,
    );
    const words = ["exec", "-s", "--lazy", "work", "--", "sh", `${home.path}/ask.sh`];
    const { stdout, stderr } = await home.start(words).finished;
    const lines = stdout.trim().split("\n");
    const { serial } = home.aws.user("work").device;
    const said = `person is needed: cannot ask for the MFA code of \\"${serial}\\" (profile ` +
      '\\"work\\"): a renewal asks nobody. Run in another terminal: aws-vault export --min-ttl=6m work';
    const messages = lines.map((line) => line.split(" ").toSpliced(1, 1).join(" "));
    const known = messages.filter((message) => !message.endsWith("ask again in a moment"));
    assert.deepEqual(new Set(known), new Set([`503 "Message":"A ${said.split('\\"')[0]}\\`]));
    assert.deepEqual(lines.filter(slow), [], "an answer took longer than a second");
    const warning = `warning: Cannot renew the credentials of profile "work": a ${said}\n`;
    assert.equal(stderr, warning.replaceAll('\\"', '"'));
  },
});

Deno.test({
  name: "exec --server asks a person in a window where one is configured, and lets no request wait",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using home = await openDeviceHome();
    home.write(
      "ask.sh",
      `${ASK} until ask | tee line | grep -q 'in a window'; do :; done; cat line; ask
       echo ${home.aws.mfaCode("work")} >code
       until ask | tee line | grep -q ASIA; do :; done; cat line; cat asked`,
    );
    const exec = ["exec", "-s", "--lazy", "--prompt", "zenity", "work"];
    const { stdout, stderr } = await home.start([...exec, "--", "sh", `${home.path}/ask.sh`])
      .finished;
    const lines = stdout.trim().split("\n");
    const asked =
      '503 "Message":"A person is needed, and is being asked in a window; ask again in a moment';
    assert.deepEqual([...lines.map(withoutTime), stderr], [asked, asked, "200 ASIA", "asked", ""]);
    assert.deepEqual(lines.filter(slow), [], "an answer took longer than a second");
  },
});

/**
 * Waits until the process is gone, and with it all its threads: only then are its files closed. The child of a
 * killed one goes on, and holds the streams open.
 */
async function untilDead(pid: number): Promise<void> {
  const script = `while kill -0 ${pid} 2>/dev/null; do :; done`;
  await new Deno.Command("sh", { args: ["-c", script] }).output();
}

const BOTO = `
import boto3, json
c = boto3.Session().get_credentials()
print(json.dumps([c.method, c.access_key, boto3.client("sts").get_caller_identity()["Arn"]]))
`;

Deno.test({
  name: "exec --server serves boto3",
  ...requireService("boto3", runs("python3", "-c", "import boto3"), "pip install boto3"),
  async fn() {
    await using home = await Home.open();
    home.write(".aws/config", "[profile work]\nregion = eu-west-1\n");
    home.write("ask.py", BOTO);
    await home.as("work").succeed("add", "--env", "work");
    const words = ["exec", "-s", "--lazy", "work", "--", "python3", `${home.path}/ask.py`];
    const { code, stdout, stderr } = await home.start(words).finished;
    assert.equal(code, 0, stderr);
    const [method, id, arn] = JSON.parse(stdout);
    assert.deepEqual([method, home.aws.world.sessionUser(id)], ["container-role", "work"]);
    assert.match(arn, /:user\/work$/);
  },
});

Deno.test("exec refuses flags of a server that serve nothing", async () => {
  await using home = await Home.open();
  home.write(".aws/config", "[profile work]\n");
  await home.as("work").succeed("add", "--env", "work");
  const refused = async (...words: string[]) => {
    const { code, stderr } = await home.run("exec", ...words, "work", "--", "true");
    return [code, stderr.split("\n")[0]];
  };
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  assert.deepEqual(await refused("--server", "--lazy", `--port=${port}`), [
    1,
    `error: Cannot listen on "127.0.0.1:${port}": another program uses it`,
  ]);
  assert.deepEqual(await refused("--server", "--port=65536"), [
    2,
    "error: Cannot listen on port 65536: the highest port is 65535",
  ]);
  assert.deepEqual(await refused("--lazy"), [2, "error: Cannot use --lazy without --server"]);
  assert.deepEqual(await refused("--server", "-n"), [
    2,
    "error: Cannot serve a long-term key: drop --server or --no-session",
  ]);
});
