/** What a credential server does when programs of this machine open more connections than it may have files. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { type Launched, programWords } from "../process/launch.ts";

const OK = "HTTP/1.1 200 OK";

/** How long a server may take to listen again; on a busy machine, too. */
const MOST_MS = 20_000;

/** What a credential_process prints. */
const CREDENTIALS = JSON.stringify({
  Version: 1,
  AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
  SecretAccessKey: "secret",
  SessionToken: "token",
});

const ONLY_ON_LINUX = { ignore: Deno.build.os !== "linux" };

/** A running `exec --server`, which ends with its child. */
class Limited implements AsyncDisposable {
  readonly program: Launched;

  constructor(program: Launched) {
    this.program = program;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The child, too: it holds the streams open, and never ends if a test has failed.
    await new Deno.Command("kill", { args: ["-KILL", "--", `-${this.program.pid}`] }).output();
  }
}

/** Starts it under a limit of open files; its child stays until it is let go. */
async function startLimited(home: Home, limit: string, words = ["work"]): Promise<Limited> {
  home.write(
    ".aws/config",
    `[profile work]\nregion = us-east-1\n[profile helper]\ncredential_process = cat ${home.path}/json\n`,
  );
  await home.as("work").succeed("add", "--env", "work");
  home.write(
    "child",
    `cd; mkfifo go; ulimit -Sn >limit
     echo "$AWS_CONTAINER_CREDENTIALS_FULL_URI $AWS_CONTAINER_AUTHORIZATION_TOKEN" >where
     echo ready >&2; read code <go; exit $code`,
  );
  const exec = ["exec", "--server", ...words, "--", "sh", `${home.path}/child`];
  const shell = ["sh", "-c", `${limit}; "$@"; exit $?`, "sh", ...programWords(), ...exec];
  const program = home.start([], {}, shell);
  await program.untilSaid("ready");
  return new Limited(program);
}

/** Connections that say nothing; fewer where the server takes no more. */
async function openIdle(home: Home, count: number): Promise<Deno.TcpConn[]> {
  const { hostname, port } = new URL(home.read("where")!.split(" ")[0]!);
  const all = Array.from({ length: count }, () => Deno.connect({ hostname, port: Number(port) }));
  const settled = await Promise.allSettled(all);
  return settled.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
}

/** The first line of the answer to the right request; nothing where the server takes no connection. */
async function ask(home: Home): Promise<string> {
  const [uri = "", token = ""] = home.read("where")!.trim().split(" ");
  const { hostname, port, host } = new URL(uri);
  const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${token}\r\n` +
    "Connection: close\r\n\r\n";
  try {
    using socket = await Deno.connect({ hostname, port: Number(port) });
    await socket.write(new TextEncoder().encode(request));
    const buffer = new Uint8Array(100);
    const count = await socket.read(buffer);
    return new TextDecoder().decode(buffer.subarray(0, count ?? 0)).split("\r\n")[0]!;
  } catch {
    return "";
  }
}

async function end(home: Home, { program }: Limited): Promise<number> {
  await Deno.writeTextFile(`${home.path}/go`, "7\n");
  return (await program.finished).code;
}

Deno.test({
  name:
    "exec --server takes as many connections as the hard limit allows, and gives the child its own",
  ...ONLY_ON_LINUX,
  async fn() {
    await using home = await Home.open();
    await using limited = await startLimited(home, "ulimit -Sn 100");
    const idle = await openIdle(home, 200);
    assert.equal(idle.length, 200);
    assert.equal(await ask(home), OK);
    for (const connection of idle) connection.close();
    assert.equal(home.read("limit"), "100\n");
    assert.equal(await end(home, limited), 7);
  },
});

Deno.test({
  name: "exec --server starts helpers while more connections are open than helpers may have files",
  ...ONLY_ON_LINUX,
  async fn() {
    await using home = await Home.open();
    home.write("json", CREDENTIALS);
    await using limited = await startLimited(home, "ulimit -Sn 100", ["--lazy", "helper"]);
    const idle = await openIdle(home, 200);
    // The first answers may say that credentials are being obtained.
    const deadline = performance.now() + MOST_MS;
    let answer = "";
    while (answer !== OK && performance.now() < deadline) answer = await ask(home);
    for (const connection of idle) connection.close();
    assert.equal(answer, OK);
    assert.equal(await end(home, limited), 7);
    assert.equal(limited.program.said(), "ready\n");
  },
});

Deno.test({
  name: "exec --server outlives connections that it has no files for",
  ...ONLY_ON_LINUX,
  async fn() {
    await using home = await Home.open();
    await using limited = await startLimited(home, "ulimit -n 100");
    const idle = await openIdle(home, 200);
    for (const connection of idle) connection.close();
    // The server may be about to find that it has no files, and drop this one, too.
    const deadline = performance.now() + MOST_MS;
    let answer = "";
    while (answer === "" && performance.now() < deadline) answer = await ask(home);
    assert.equal(answer, OK);
    assert.equal(await end(home, limited), 7);
    assert.equal(limited.program.said(), "ready\n");
  },
});
