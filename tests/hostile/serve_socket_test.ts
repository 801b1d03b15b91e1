/** Others at the socket of `serve`: other users, and what they put in its place. */

import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { openServeHome, type Serving, startServe } from "../process/serving.ts";
import { requireService, runs } from "../services.ts";
import { leaksBelow } from "../stories/leaks.ts";

const root = requireService(
  "root, setpriv and Python",
  Deno.uid() === 0 && runs("setpriv", "--version") && runs("/usr/bin/python3", "--version"),
  "run as root, to be another user; apt-get install util-linux python3",
);

const NOBODY = 65534;

/** Sends a line to the socket and prints what comes back. */
const CLIENT = `
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(20)
try:
    s.connect(sys.argv[1])
    s.sendall(sys.argv[2].encode() + b"\\n")
    print("answer:", s.makefile().read())
except OSError as error:
    print(type(error).__name__)
`;

/** Answers at the path as another user does: the kernel keeps who called listen(2). */
const SQUATTER = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
os.setuid(${NOBODY})
s.listen()
print("ready", flush=True)
while True:
    c, _ = s.accept()
    sent = c.recv(1000).decode()
    if sent: print("got:", sent, flush=True)
    try:
        c.sendall(b'{"pid":1,"url":"http://127.0.0.1:1"}\\n')
    except OSError:
        pass
    c.close()
`;

async function askAsNobody(path: string, line: string): Promise<string> {
  const { stdout, stderr } = await new Deno.Command("setpriv", {
    args: [
      `--reuid=${NOBODY}`,
      `--regid=${NOBODY}`,
      "--clear-groups",
      // The system's own: others cannot reach every one.
      "/usr/bin/python3",
      "-c",
      CLIENT,
      path,
      line,
    ],
  }).output();
  return new TextDecoder().decode(stdout).trim() || new TextDecoder().decode(stderr);
}

/** Opens the way to the socket for everybody, which the program never does; also above the home. */
function openToAll(serving: Serving): void {
  const { path } = serving.home;
  const above = path.split("/").map((_, i, parts) => parts.slice(0, i).join("/")).slice(2);
  for (const folder of [...above, path, `${path}/state`]) {
    const mode = Deno.statSync(folder).mode! & 0o7777;
    if ((mode & 0o001) === 0) Deno.chmodSync(folder, mode | 0o011);
  }
  Deno.chmodSync(`${path}/state/serve.sock`, 0o666);
}

Deno.test({
  name:
    "another user cannot reach the socket of serve; one who can gets nothing, and stops nothing",
  ...root,
  async fn() {
    await using home = await openServeHome();
    const serving = await startServe(home, "work");
    const socket = `${home.path}/state/serve.sock`;
    const mode = (path: string) => Deno.statSync(path).mode! & 0o777;
    assert.deepEqual([mode(`${home.path}/state`), mode(socket)], [0o700, 0o600]);
    assert.equal(await askAsNobody(socket, '{"do":"stop"}'), "PermissionError");
    openToAll(serving);
    for (const request of [{ do: "stop" }, { do: "grant", profiles: ["work"] }, { do: "list" }]) {
      const answer = await askAsNobody(socket, JSON.stringify(request));
      assert.match(answer, /^(answer:|ConnectionResetError|BrokenPipeError)$/);
    }
    assert.deepEqual(await serving.ask(await serving.grant("work")), [200, "user/work"]);
  },
});

Deno.test({
  name: "a socket that another user listens at is not believed, by serve and by grant",
  ...root,
  async fn() {
    await using home = await openServeHome();
    const socket = `${home.path}/state/serve.sock`;
    const squatter = new Deno.Command("python3", {
      args: ["-c", SQUATTER, socket],
      stdout: "piped",
    }).spawn();
    const said = squatter.stdout.pipeThrough(new TextDecoderStream());
    const reader = said.getReader();
    try {
      let text = "";
      while (!text.endsWith("\n")) text += (await reader.read()).value ?? "\n";
      assert.equal(text, "ready\n");
      const refused =
        `error: Cannot use the socket "${socket}": the program that listens there belongs to another user\n` +
        "hint: aws-vault does not create such a thing: find out who put it there, and remove it\n";
      for (
        const words of [["grant", "work"], ["grant", "--list"], ["serve"], ["serve", "--stop"]]
      ) {
        const { code, stderr } = await home.run(...words);
        assert.deepEqual([code, stderr], [1, refused], words.join(" "));
      }
    } finally {
      squatter.kill("SIGKILL");
      await squatter.status;
    }
    // Nothing was sent to it.
    assert.deepEqual(await reader.read(), { done: true, value: undefined });
  },
});

Deno.test({
  name: "serve and grant refuse whatever else is there, and leave what it leads to alone",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using home = await openServeHome();
    const socket = `${home.path}/state/serve.sock`;
    home.write("precious", "text");
    const places: [what: string, make: () => void][] = [
      ["it is a symbolic link", () => Deno.symlinkSync(`${home.path}/precious`, socket)],
      ["it is a symbolic link", () => Deno.symlinkSync(`${home.path}/nowhere`, socket)],
      ["it is not a socket", () => Deno.writeTextFileSync(socket, "text")],
      ["it is not a socket", () => Deno.mkdirSync(socket)],
    ];
    for (const [what, make] of places) {
      make();
      for (const words of [["serve"], ["grant", "work"], ["serve", "--stop"]]) {
        const { code, stderr } = await home.run(...words);
        assert.deepEqual([code, stderr.split("\n")[0]], [
          1,
          `error: Cannot use the socket "${socket}": ${what}`,
        ]);
      }
      Deno.removeSync(socket);
    }
    assert.deepEqual([home.read("precious"), home.read("nowhere")], ["text", undefined]);
  },
});

Deno.test({
  name: "serve and grant use no state folder of another user, or that others may write",
  ...root,
  async fn() {
    await using home = await openServeHome();
    const state = `${home.path}/state`;
    const refused = async () => {
      const outcomes = new Set<string>();
      for (const words of [["serve"], ["grant", "work"]]) {
        const { code, stderr } = await home.run(...words);
        outcomes.add(`${code} ${stderr.split("\n")[0]!.replace(state, "STATE")}`);
      }
      return [...outcomes];
    };
    Deno.chownSync(state, NOBODY, NOBODY);
    assert.deepEqual(await refused(), [
      `1 error: Cannot use the folder "STATE": it belongs to another user (uid ${NOBODY}); ` +
      "run this as that user, or set AWS_VAULT_STATE_DIR to a folder of your own",
    ]);
    Deno.chownSync(state, 0, 0);
    Deno.chmodSync(state, 0o777);
    assert.match((await refused()).join(), /^1 error: .*others may write to it \(mode 0777\)/);
  },
});

Deno.test({
  name: "a state folder whose path is too long for a socket is refused, with what to do",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using home = await openServeHome();
    home.env["AWS_VAULT_STATE_DIR"] = `${home.path}/${"long/".repeat(20)}state`;
    const { code, stderr } = await home.run("serve");
    assert.equal(code, 1);
    assert.match(stderr, /its path is longer than 10[37] bytes; set AWS_VAULT_STATE_DIR to/);
  },
});

Deno.test({
  name: "grants are in no file and in no argument list",
  ...requireService("Linux", Deno.build.os === "linux", "Linux"),
  async fn() {
    await using home = await openServeHome();
    const serving = await startServe(home, "--grant", "ci=work");
    const granted = [...serving.started, await serving.grant("admin", "--name", "box")];
    for (const one of granted) assert.equal((await serving.ask(one))[0], 200);
    const secrets = new Map(granted.map(({ token }) => [token, "a token"]));
    assert.deepEqual(leaksBelow(home.path, secrets, new Set()), []);
    const proc = (name: string) => Deno.readTextFileSync(`/proc/${serving.program.pid}/${name}`);
    for (const { token } of granted) assert(!proc("cmdline").includes(token));
    await home.succeed("serve", "--stop");
    assert.deepEqual(leaksBelow(home.path, secrets, new Set()), []);
  },
});

/** What a page in a browser, or a program without a grant, can send; the beginning of the answer. */
const FOREIGN: readonly [head: string, expected: RegExp][] = [
  ["GET {path} HTTP/1.1\r\nHost: attacker.example\r\nAuthorization: {token}", /^HTTP\/1.1 403 /],
  ["GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: {token}", /^HTTP\/1.1 403 /],
  ["GET {path} HTTP/1.1\r\nAuthorization: {token}", /^HTTP\/1.1 40[03] /],
  [
    "GET http://attacker.example{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}",
    /^HTTP\/1.1 403 /,
  ],
  ["GET {path} HTTP/1.1\r\nHost: {host}", /^HTTP\/1.1 401 /],
  [
    "OPTIONS {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://attacker.example",
    /^HTTP\/1.1 401 /,
  ],
  [
    "GET /profile/work/../admin HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}",
    /^HTTP\/1.1 404 /,
  ],
  ["GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}", /^HTTP\/1.1 200 /],
];

Deno.test({
  name: "serve answers nobody but a program with a grant, under the address that it gave out",
  ...NOT_ON_WINDOWS,
  async fn() {
    await using home = await openServeHome();
    const serving = await startServe(home, "--grant", "ci=work");
    const [granted] = serving.started;
    const { host, port, pathname } = new URL(granted!.uri);
    for (const [head, expected] of FOREIGN) {
      const text = head.replaceAll("{path}", pathname).replaceAll("{host}", host)
        .replaceAll("{port}", port).replaceAll("{token}", granted!.token);
      using socket = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
      await socket.write(new TextEncoder().encode(`${text}\r\nConnection: close\r\n\r\n`));
      const answer = await new Response(socket.readable).text();
      assert.match(answer, expected, head);
      assert(!/access-control/i.test(answer), head);
      if (!answer.startsWith("HTTP/1.1 200")) assert(!answer.includes("SecretAccessKey"), head);
    }
  },
});
