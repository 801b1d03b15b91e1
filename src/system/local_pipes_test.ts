import assert from "node:assert/strict";
import type { LocalListener } from "../local_sockets.ts";
import { openNamedPipes } from "./ffi/named_pipe.ts";
import { formatSid, openUserCalls } from "./ffi/process_user.ts";
import { askPipeAt, listenAtPipe } from "./local_pipes.ts";

/** Libraries that are loaded stay so. */
const ON_WINDOWS = { ignore: Deno.build.os !== "windows", sanitizeResources: false };

async function inFolder(body: (path: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await body(`${folder}/serve.sock`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function listening(
  path: string,
  answer: (line: string) => Promise<string>,
  body: (listener: LocalListener) => Promise<void>,
): Promise<void> {
  const listener = await listenAtPipe(path, answer);
  try {
    await body(listener);
  } finally {
    await listener.close();
  }
}

Deno.test(
  "a pipe answers lines, many at once and long ones, and leaves nothing",
  ON_WINDOWS,
  async () => {
    await inFolder(async (path) => {
      await listening(path, (line) => Promise.resolve(`<${line}>`), async (listener) => {
        assert.equal(listener.isThere(), true);
        const lines = Array.from({ length: 40 }, (_, i) => `line ${i} äöü`);
        const answers = await Promise.all(lines.map((line) => askPipeAt(path, line, 20_000)));
        assert.deepEqual(answers, lines.map((line) => `<${line}>`));
        const long = "x".repeat(60_000);
        assert.equal(await askPipeAt(path, long, 20_000), `<${long}>`);
      });
      assert.deepEqual([...Deno.readDirSync(path.slice(0, path.lastIndexOf("/")))], []);
      assert.equal(await askPipeAt(path, "nobody", 1000), undefined);
    });
  },
);

Deno.test(
  "a pipe that a killed server left, or that was never there, is nobody's",
  ON_WINDOWS,
  async () => {
    await inFolder(async (path) => {
      assert.equal(await askPipeAt(path, "nobody", 1000), undefined);
      Deno.writeTextFileSync(path, `\\\\.\\pipe\\aws-vault-${"0".repeat(32)}`);
      assert.equal(await askPipeAt(path, "nobody", 1000), undefined);
    });
  },
);

Deno.test("a file that names another pipe, or a machine's, is refused", ON_WINDOWS, async () => {
  const others = ["", "\\\\.\\pipe\\other", `\\\\host\\pipe\\aws-vault-${"0".repeat(32)}`];
  for (const text of others) {
    await inFolder(async (path) => {
      Deno.writeTextFileSync(path, text);
      await assert.rejects(askPipeAt(path, "line", 1000), { code: "unsafe-file" });
    });
  }
});

Deno.test(
  "a server that gives no answer is waited for as long as is said",
  ON_WINDOWS,
  async () => {
    await inFolder(async (path) => {
      const { promise, resolve } = Promise.withResolvers<string>();
      await listening(path, () => promise, async () => {
        await assert.rejects(askPipeAt(path, "line", 200), { code: "wait-timeout" });
        resolve("late");
      });
    });
  },
);

Deno.test("each end sees who is at the other, and that it goes", ON_WINDOWS, () => {
  const pipes = openNamedPipes();
  const name = `\\\\.\\pipe\\aws-vault-test-${crypto.randomUUID()}`;
  const first = pipes.listen(name, { isFirst: true });
  const client = pipes.connect(name)!;
  assert.deepEqual([client.isOwn(), first?.isOwn(), first?.available()], [true, true, 0]);
  client.close();
  assert.equal(first?.available(), undefined);
  first?.close();
  assert.equal(pipes.connect(name), undefined);
});

Deno.test("a process of this user is, and one that is not there is not", ON_WINDOWS, () => {
  const users = openUserCalls();
  assert.deepEqual([users.isOwnProcess(Deno.pid), users.isOwnProcess(0x7ffffff0)], [true, false]);
});

Deno.test("formatSid() writes the well-known ones", () => {
  const system = Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0);
  const administrators = Uint8Array.of(1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0);
  assert.deepEqual([system, administrators].map(formatSid), ["S-1-5-18", "S-1-5-32-544"]);
});
