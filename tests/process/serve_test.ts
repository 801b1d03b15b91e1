/** `serve` and `grant` with the processes that use them. */

import assert from "node:assert/strict";
import type { Home } from "../home.ts";
import { NOT_ON_WINDOWS } from "../home.ts";
import { openServeHome, parseGrant, startServe } from "./serving.ts";

/** A test with a home of its own; on Windows there are no grants at run time. */
function scene(name: string, act: (home: Home) => Promise<void>): void {
  Deno.test({
    name,
    ...NOT_ON_WINDOWS,
    async fn() {
      await using home = await openServeHome();
      await act(home);
    },
  });
}

const WORK = [200, "user/work"];
const ADMIN = [200, "assumed-role/admin"];

/** What a command says and how it ends. */
async function outcome(home: Home, ...words: string[]) {
  const { code, stdout, stderr } = await home.run(...words);
  return [code, ...(stdout + stderr).trimEnd().split("\n")];
}

scene("serve gives each program the profiles of its grant, and no other", async (home) => {
  const serving = await startServe(home, "--grant", "one=work", "--grant", "two=work,admin");
  const [one, two] = serving.started;
  assert.deepEqual(await serving.ask(one!), WORK);
  assert.deepEqual(await serving.ask(two!), WORK);
  assert.deepEqual(await serving.ask(two!, "/profile/admin"), ADMIN);
  assert.deepEqual(await serving.ask(one!, "/profile/admin"), [403, "AccessDenied"]);
  assert.deepEqual(await serving.ask({ ...one!, token: "" }), [401, "Unauthorized"]);
  // One flight through the shared cache: the role is assumed with the session of the other profile.
  assert.deepEqual(home.aws.takeCalls().map((call) => call.split(" ")[0]), [
    "GetSessionToken",
    "AssumeRole",
  ]);
  const three = await serving.grant("admin");
  assert.deepEqual(await serving.ask(three), ADMIN);
  assert.deepEqual(await serving.ask(three, "/profile/work"), [403, "AccessDenied"]);
  assert.deepEqual(home.aws.takeCalls(), []);
  assert.deepEqual(await outcome(home, "grant", "--revoke", "two"), [0, 'Revoked grant "two"']);
  assert.deepEqual(await serving.ask(two!), [403, "GrantRevoked"]);
  assert.deepEqual(await serving.ask(one!), WORK);
  assert.deepEqual(await outcome(home, "grant", "--revoke", "two"), [
    3,
    'error: Cannot revoke grant "two": there is none',
    "hint: See all grants: aws-vault grant --list",
  ]);
});

scene("grant prints what programs need in every format", async (home) => {
  const serving = await startServe(home, "work", "admin");
  const printed = async (...words: string[]) => (await home.succeed("grant", ...words)).stdout;
  const json = JSON.parse(await printed("admin", "--for", "30m", "--format", "json"));
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN: token, expiration, ...rest } = json;
  assert.deepEqual(rest, {
    name: "admin",
    profiles: ["admin"],
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${serving.url}/profile/admin`,
  });
  const lasts = Temporal.Instant.from(expiration).since(Temporal.Now.instant()).total("minutes");
  assert(lasts > 28 && lasts <= 30, expiration);
  const masked = async (...words: string[]) =>
    (await printed(...words)).replace(/TOKEN=[\w-]{43}$/m, "TOKEN=<TOKEN>").split("\n");
  const uri = `AWS_CONTAINER_CREDENTIALS_FULL_URI=${serving.url}/profile/admin`;
  const word = "AWS_CONTAINER_AUTHORIZATION_TOKEN=<TOKEN>";
  assert.deepEqual(await masked("admin"), [uri, word, ""]);
  assert.deepEqual(await masked("admin", "--format=export-env"), [
    `export ${uri}`,
    `export ${word}`,
    "",
  ]);
  delete home.env["AWS_REGION"];
  assert.deepEqual(await masked("admin", "--format=docker-env", "--name=box"), [
    uri,
    word,
    "AWS_EC2_METADATA_DISABLED=true",
    "AWS_REGION=eu-west-3",
    "AWS_DEFAULT_REGION=eu-west-3",
    "",
  ]);
  assert.deepEqual(await serving.ask({ uri: uri.split("=")[1]!, token }), ADMIN);
  const listed = JSON.parse(await printed("--list", "--format", "json"));
  assert.deepEqual(listed.map(({ name }: { name: string }) => name), [
    "admin",
    "admin-2",
    "admin-3",
    "box",
  ]);
  assert(!JSON.stringify(listed).includes(token));
  assert.match(await printed("--list"), /^box +admin +\d{4}-\d\d-\d\dT[\d:]{8}Z$/m);
  assert.deepEqual(await outcome(home, "grant", "device"), [
    1,
    'error: Cannot grant profile "device": it is not served',
    'hint: The server was started for "work", "admin"',
    "hint: Start it for this one, too: aws-vault serve work admin device",
  ]);
  assert.deepEqual(await outcome(home, "grant", "work", "--name", "box"), [
    1,
    'error: Cannot create grant "box": there is already one of that name',
    "hint: Choose another name, or revoke it: aws-vault grant --revoke box",
  ]);
});

scene(
  "a grant of a profile that needs a person asks the one who makes it, and no request",
  async (home) => {
    const serving = await startServe(home);
    const [code, ...said] = await outcome(home, "grant", "device");
    assert.equal(code, 4, said.join("\n"));
    const granted = await serving.grant("device", "--mfa-token", "123456");
    assert.deepEqual(await serving.ask(granted), WORK);
    assert.deepEqual(home.aws.takeCalls(), ["GetSessionToken by key/work for 3600s with MFA"]);
    // Without a session left, a request is answered at once, and says what to do.
    await home.succeed("clear");
    home.aws.world.clockOffsetMs = 0;
    const { stdout } = await home.succeed("grant", "--list");
    assert.match(stdout, /^device +device /m);
  },
);

scene(
  "serve --lazy answers within 200 ms that a person is needed, and what to run",
  async (home) => {
    const serving = await startServe(home, "--lazy", "--grant", "ci=device");
    const [granted] = serving.started;
    // The machine may be at something else: what counts is what a request waits for.
    const took: number[] = [];
    while (took.length < 10) {
      const start = performance.now();
      const response = await fetch(granted!.uri, { headers: { authorization: granted!.token } });
      const { message } = await response.json();
      assert.equal(response.status, 503);
      if (/ask again in a moment/.test(message)) continue;
      took.push(performance.now() - start);
      assert.match(
        message,
        /^A person is needed: .*\. Run in another terminal: aws-vault export --min-ttl=6m device$/,
      );
    }
    assert(Math.min(...took) < 200, `${took} ms`);
    // What somebody obtains elsewhere is found in the cache.
    await home.succeed("export", "device", "--mfa-token", "123456");
    const again = await serving.grant("device");
    assert.deepEqual([await serving.ask(again), await serving.ask(granted!)], [WORK, WORK]);
  },
);

scene("serve runs once for a user: a second one says where the first is", async (home) => {
  const serving = await startServe(home);
  const { pid } = serving.program;
  const place = `already at ${serving.url} (process ${pid})`;
  for (const words of [["serve"], ["serve", "--background"], ["serve", "work"]]) {
    assert.deepEqual(await outcome(home, ...words), [
      1,
      `error: Cannot serve: a server of yours is ${place}`,
      "hint: Get a grant of it: aws-vault grant PROFILE",
      "hint: End it: aws-vault serve --stop",
    ]);
  }
  assert.deepEqual(await outcome(home, "serve", "--stop"), [
    0,
    `Stopped the server at ${serving.url} (process ${pid})`,
  ]);
  assert.equal((await serving.program.finished).code, 0);
  assert.deepEqual(await outcome(home, "serve", "--stop"), [0, "No server of yours is running"]);
  assert.deepEqual(await outcome(home, "grant", "work"), [
    1,
    "error: Cannot reach a server: none of yours is running",
    "hint: Start one: aws-vault serve",
    "hint: Start one that stays: aws-vault serve --background",
  ]);
  assert.equal(home.read("state/serve.sock"), undefined);
});

for (const [signal, code] of [["SIGTERM", 0], ["SIGHUP", 0], ["SIGINT", 130]] as const) {
  scene(`serve ends by ${signal}, and nothing is left`, async (home) => {
    const serving = await startServe(home, "--grant", "ci=work");
    serving.program.kill(signal);
    const { code: ended, stderr } = await serving.program.finished;
    assert.deepEqual([ended, stderr], [code, ""]);
    await assert.rejects(serving.ask(serving.started[0]!));
    assert.deepEqual(stateNames(home), ["locks", "serve.lock", "sessions.db", "uses.jsonl"]);
  });
}

function stateNames(home: Home): string[] {
  return [...Deno.readDirSync(`${home.path}/state`)].map(({ name }) => name).toSorted();
}

scene("serve starts again after kill -9, and old grants are nothing", async (home) => {
  const killed = await startServe(home, "--grant", "ci=work");
  killed.program.kill("SIGKILL");
  await killed.program.finished;
  assert(stateNames(home).includes("serve.sock"));
  assert.equal((await outcome(home, "grant", "work"))[0], 1);
  const port = new URL(killed.url).port;
  const serving = await startServe(home, "--port", port, "--grant", "ci=work");
  assert.deepEqual(await serving.ask(killed.started[0]!), [401, "Unauthorized"]);
  assert.deepEqual(await serving.ask(serving.started[0]!), WORK);
  assert.deepEqual(await serving.ask(await serving.grant("work")), WORK);
});

scene("serve goes on without a terminal, also past a hang-up (nohup)", async (home) => {
  const words = ["-c", 'trap "" HUP; exec "$@"', "sh"];
  const { programWords, launch } = await import("./launch.ts");
  const program = launch(["serve"], home.env, ["sh", ...words, ...programWords()]);
  try {
    await program.untilPrinted("Serving on http://");
    program.kill("SIGHUP");
    const granted = parseGrant((await home.succeed("grant", "work")).stdout);
    const headers = { authorization: granted.token };
    const response = await fetch(granted.uri, { headers });
    await response.body?.cancel();
    assert.equal(response.status, 200);
    await home.succeed("serve", "--stop");
    assert.equal((await program.finished).code, 0);
  } finally {
    program.kill("SIGKILL");
  }
});

scene("serve --background asks here, returns when it answers, and stays", async (home) => {
  const words = ["serve", "--background", "--mfa-token", "123456", "--grant", "ci=device,admin"];
  const { code, stdout, stderr } = await home.start(words).finished;
  try {
    assert.deepEqual([code, stderr], [0, ""]);
    const lines = stdout.replace(/TOKEN=[\w-]{43}$/m, "TOKEN=<TOKEN>").split("\n");
    const url = lines[0]!.replace("Serving on ", "");
    assert.deepEqual(lines, [
      `Serving on ${url}`,
      "# grant ci: device, admin",
      `export AWS_CONTAINER_CREDENTIALS_FULL_URI=${url}/profile/device`,
      "export AWS_CONTAINER_AUTHORIZATION_TOKEN=<TOKEN>",
      `# also for: ${url}/profile/admin`,
      "",
    ]);
    const granted = parseGrant(stdout);
    const response = await fetch(granted.uri, { headers: { authorization: granted.token } });
    await response.body?.cancel();
    assert.equal(response.status, 200);
    const stopped = (await outcome(home, "serve", "--stop"))[1];
    const pid = /\(process (\d+)\)$/.exec(String(stopped))?.[1];
    assert.notEqual(pid, undefined, String(stopped));
  } finally {
    await home.run("serve", "--stop");
  }
});

scene("serve --background says why it cannot, with the server's own words", async (home) => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const { code, stdout, stderr } = await home.start(["serve", "--background", `--port=${port}`])
    .finished;
  assert.deepEqual([code, stdout, stderr], [
    1,
    "",
    `error: Cannot listen on "127.0.0.1:${port}": another program uses it\n`,
  ]);
  assert.deepEqual(await outcome(home, "serve", "--stop"), [0, "No server of yours is running"]);
});

scene(
  "serve --background leaves no server where one of its grants cannot be made",
  async (home) => {
    home.write(".aws/config", `${home.read(".aws/config")}[profile ..]\nsource_profile = work\n`);
    for (const flags of [["--lazy"], []]) {
      const words = ["serve", "--background", ...flags, "--grant", "one=work", "--grant", "two=.."];
      const { code, stdout, stderr } = await home.start(words).finished;
      assert.deepEqual([code, stdout, stderr], [
        1,
        "",
        'error: Cannot serve profile "..": its name cannot be written in a URL\n',
      ]);
      assert.deepEqual(await outcome(home, "serve", "--stop"), [
        0,
        "No server of yours is running",
      ]);
    }
  },
);

scene("serve answers fifty clients at once from memory", async (home) => {
  const serving = await startServe(home, "--grant", "one=work", "--grant", "two=admin");
  const [one, two] = serving.started;
  home.aws.takeCalls();
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, client) => {
      const granted = client % 2 ? one! : two!;
      const own = client % 2 ? WORK : ADMIN;
      for (let request = 0; request < 20; request++) {
        assert.deepEqual(await serving.ask(granted), own);
      }
      return await serving.ask(granted, client % 2 ? "/profile/admin" : "/profile/work");
    }),
  );
  assert.deepEqual(answers, Array(50).fill([403, "AccessDenied"]));
  assert.deepEqual(home.aws.takeCalls(), []);
});
