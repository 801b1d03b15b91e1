/** The attacks of `server_requests.ts` on a server, and on what keeps it from answering others. */

import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { HOSTILE_ROWS, type HostileRow, readAnswers, type Target } from "./server_requests.ts";

/** A server that runs for one test. */
export interface AttackedServer extends AsyncDisposable {
  readonly target: Target;
  /** What must be in no refusal: keys, tokens, and what a right request proves itself by. */
  secrets(): readonly string[];
}

/** Adds the tests of one server. */
export function testAttacks(name: string, open: () => Promise<AttackedServer>): void {
  Deno.test({
    name: `${name} answers hostile requests, and with no secret`,
    ...NOT_ON_WINDOWS,
    fn: () => attack(open),
  });
  Deno.test({
    name: `${name} answers 10,000 requests at once, each as it deserves`,
    ...NOT_ON_WINDOWS,
    fn: () => rush(open),
  });
  Deno.test({
    name: `${name} is not held up by clients that neither send nor read`,
    ...NOT_ON_WINDOWS,
    fn: () => dawdle(open),
  });
}

async function attack(open: () => Promise<AttackedServer>): Promise<void> {
  await using server = await open();
  const { target } = server;
  const got: [string, readonly string[]][] = [];
  for (const row of HOSTILE_ROWS) {
    const text = await exchange(target, row.send(target), row.isHalfClosed);
    const answers = readAnswers(text);
    const isRefused = !answers.includes("200");
    if (isRefused) {
      assert(!server.secrets().some((it) => text.includes(it)), `${row.what}: a secret`);
    }
    got.push([row.what, isOlder(row, answers) ? expected(row, target) : answers]);
  }
  assert.deepEqual(got, HOSTILE_ROWS.map((row) => [row.what, expected(row, target)]));
}

async function rush(open: () => Promise<AttackedServer>): Promise<void> {
  await using server = await open();
  const { target } = server;
  const pair = keptAlive("the right request", target) + keptAlive("no proof", target);
  const sent = pair.repeat(9) + keptAlive("the right request", target) +
    rowNamed("no proof").send(target);
  const all = await Promise.all(Array.from({ length: 500 }, () => exchange(target, sent)));
  const answers = new Set(all.map((text) => readAnswers(text).join()));
  assert.deepEqual(answers, new Set([Array(10).fill("200,401 Unauthorized").join()]));
}

async function dawdle(open: () => Promise<AttackedServer>): Promise<void> {
  await using server = await open();
  const { target } = server;
  const right = keptAlive("the right request", target);
  const idle = await Promise.all([
    ...Array.from({ length: 100 }, () => connect(target, right.slice(0, -3))),
    ...Array.from({ length: 10 }, () => connect(target, right.repeat(3000))),
  ]);
  for (let i = 0; i < 20; i++) {
    const text = await exchange(target, rowNamed("the right request").send(target));
    assert.deepEqual(readAnswers(text), ["200"]);
  }
  for (const socket of idle) socket.close();
}

/** Sends bytes on a new connection, and gives all that comes back until it is closed. */
async function exchange({ hostname, port }: Target, sent: string, isHalfClosed = false) {
  using socket = await Deno.connect({ hostname, port });
  const bytes = Uint8Array.from(sent, (letter) => letter.charCodeAt(0));
  const sending = sendAll(socket, bytes, isHalfClosed);
  const decoder = new TextDecoder("latin1");
  let text = "";
  const buffer = new Uint8Array(65_536);
  for (let count; (count = await socket.read(buffer).catch(() => null)) !== null;) {
    text += decoder.decode(buffer.subarray(0, count));
  }
  await sending;
  return text;
}

async function sendAll(socket: Deno.TcpConn, bytes: Uint8Array, isHalfClosed: boolean) {
  try {
    for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
    if (isHalfClosed) await socket.closeWrite();
  } catch {
    // The server has closed the connection before all was sent.
  }
}

/** Whether these are the answers of an older runtime, which the program was compiled with. */
function isOlder({ older }: HostileRow, answers: readonly string[]): boolean {
  return older !== undefined && Deno.env.has("AWS_VAULT_BIN") && older.join() === answers.join();
}

/** What a row's answers are at this server. */
function expected(row: HostileRow, { kind }: Target): readonly string[] {
  return kind === "metadata" && row.ofMetadata !== undefined ? row.ofMetadata : row.answers;
}

function rowNamed(what: string): HostileRow {
  const row = HOSTILE_ROWS.find((row) => row.what === what);
  assert(row !== undefined, what);
  return row;
}

/** The request of a row on a connection that stays open for the next one. */
function keptAlive(what: string, target: Target): string {
  return rowNamed(what).send(target).replace("Connection: close\r\n", "");
}

/** A connection on which something is being sent, and nothing is read. */
async function connect({ hostname, port }: Target, sent: string): Promise<Deno.TcpConn> {
  const socket = await Deno.connect({ hostname, port });
  void sendAll(socket, new TextEncoder().encode(sent), false);
  return socket;
}
