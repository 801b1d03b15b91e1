/**
 * A small HTTP/1.1 server on the bare socket: the request comes byte for byte as it was sent, and the
 * answer can be cut in half or not given at all, which no server library allows.
 */

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  /** In their order, names and values as sent (the values trimmed). */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What goes back. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `cut`: half of the body, then the connection ends. `nothing`: it ends before the first byte. */
  readonly sending?: "whole" | "cut" | "nothing";
}

const HEAD_LIMIT = 64 * 1024;
const BODY_LIMIT = 4 * 1024 * 1024;

/** The values of a header, whatever the case of its name. */
export function headerValues(request: WireRequest, name: string): string[] {
  return request.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

/** Serves on a free port of 127.0.0.1 until it is disposed of. */
export class WireServer implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #open = new Map<Deno.TcpConn, Promise<void>>();
  readonly #accepting: Promise<void>;

  constructor(answer: (request: WireRequest) => Promise<WireAnswer>) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accepting = this.#accept(answer);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  async #accept(answer: (request: WireRequest) => Promise<WireAnswer>): Promise<void> {
    try {
      for await (const connection of this.#listener) {
        const done = serveConnection(connection, answer).finally(() => {
          this.#open.delete(connection);
          close(connection);
        });
        this.#open.set(connection, done);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    const open = [...this.#open];
    for (const [connection] of open) close(connection);
    await Promise.all(open.map(([, done]) => done));
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/** Answers one request after the other until the client, the answer or an error ends the connection. */
async function serveConnection(
  connection: Deno.TcpConn,
  answer: (request: WireRequest) => Promise<WireAnswer>,
): Promise<void> {
  const reader = new WireReader(connection);
  try {
    for (;;) {
      const request = await readRequest(reader, connection);
      if (request === undefined) return;
      const reply = await answer(request);
      if (reply.sending === "nothing") return;
      await writeAll(connection, renderAnswer(reply));
      if (reply.sending === "cut") return;
    }
  } catch (error) {
    // A client that goes away is its own business; a bug of the fake must not pass unseen.
    if (!isDisconnect(error)) console.error("the fake AWS failed:", error);
  }
}

function isDisconnect(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof EndOfStream;
}

class EndOfStream extends Error {}

/** Reads up to a mark or a length, and keeps the rest for the next call. */
class WireReader {
  readonly #connection: Deno.TcpConn;
  #buffer = new Uint8Array(0);

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  async #more(): Promise<boolean> {
    const chunk = new Uint8Array(16 * 1024);
    const count = await this.#connection.read(chunk);
    if (count === null) return false;
    const joined = new Uint8Array(this.#buffer.length + count);
    joined.set(this.#buffer);
    joined.set(chunk.subarray(0, count), this.#buffer.length);
    this.#buffer = joined;
    return true;
  }

  /** The text before the blank line, or `undefined` when the client ended the connection before it. */
  async head(): Promise<string | undefined> {
    for (;;) {
      const text = new TextDecoder("latin1").decode(this.#buffer);
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.#buffer = this.#buffer.slice(end + 4);
        return text.slice(0, end);
      }
      if (this.#buffer.length > HEAD_LIMIT) throw new Error("the head of the request is too long");
      if (!await this.#more()) return undefined;
    }
  }

  async bytes(count: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#buffer.length < count) {
      if (!await this.#more()) throw new EndOfStream();
    }
    const bytes = this.#buffer.slice(0, count);
    this.#buffer = this.#buffer.slice(count);
    return bytes;
  }
}

async function readRequest(
  reader: WireReader,
  connection: Deno.TcpConn,
): Promise<WireRequest | undefined> {
  const head = await reader.head();
  if (head === undefined) return undefined;
  const [line = "", ...rest] = head.split("\r\n");
  const [method = "", target = ""] = line.split(" ");
  const headers = rest.map((text) => {
    const colon = text.indexOf(":");
    return [text.slice(0, colon), text.slice(colon + 1).trim()] as const;
  });
  const request: WireRequest = { method, target, headers, body: new Uint8Array() };
  const length = Number(headerValues(request, "content-length")[0] ?? "0");
  if (!Number.isSafeInteger(length) || length > BODY_LIMIT) throw new Error("bad Content-Length");
  if (headerValues(request, "expect").length > 0) {
    await writeAll(connection, new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n"));
  }
  return { ...request, body: await reader.bytes(length) };
}

function renderAnswer(answer: WireAnswer): Uint8Array {
  const body = new TextEncoder().encode(answer.body);
  const lines = [`HTTP/1.1 ${answer.status} ${REASONS[answer.status] ?? "Status"}`];
  for (const [name, value] of Object.entries(answer.headers)) lines.push(`${name}: ${value}`);
  lines.push(`Content-Length: ${body.length}`, "", "");
  const head = new TextEncoder().encode(lines.join("\r\n"));
  const sent = answer.sending === "cut" ? body.subarray(0, body.length >> 1) : body;
  const all = new Uint8Array(head.length + sent.length);
  all.set(head);
  all.set(sent, head.length);
  return all;
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

const REASONS: Record<number, string> = {
  200: "OK",
  302: "Found",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
