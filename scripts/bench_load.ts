/** Load on an HTTP server: clients that keep their connections, like the SDKs of many processes. */

/** The request, and the server that receives it. */
export interface LoadTarget {
  readonly hostname: string;
  readonly port: number;
  /** The whole request, which must keep the connection open. */
  readonly request: string;
}

/** How much load. */
export interface LoadOptions {
  readonly clients: number;
  readonly requests: number;
  /** For all clients together, each in its turn; absent: as many as possible. */
  readonly perSecond?: number | undefined;
}

/** The result. */
export interface Load {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Sends requests and times each answer; throws if an answer is not 200. */
export async function putLoad(target: LoadTarget, options: LoadOptions): Promise<Load> {
  const { clients, requests, perSecond } = options;
  const open = Array.from({ length: clients }, () => LoadClient.connect(target));
  const connected = await Promise.all(open);
  const each = Math.ceil(requests / clients);
  const pauseMs = perSecond === undefined ? 0 : clients / perSecond * 1000;
  const from = performance.now();
  const times = await Promise.all(
    connected.map((client, at) => client.ask(each, { pauseMs, from: pauseMs * at / clients })),
  );
  const seconds = (performance.now() - from) / 1000;
  for (const client of connected) client.close();
  const sorted = Float64Array.from(times.flat()).sort();
  const part = (share: number) => sorted[Math.floor(sorted.length * share)] ?? NaN;
  return { perSecond: sorted.length / seconds, medianMs: part(0.5), p99Ms: part(0.99) };
}

class LoadClient {
  readonly #socket: Deno.TcpConn;
  readonly #request: Uint8Array<ArrayBuffer>;
  readonly #buffer = new Uint8Array(16_384);

  private constructor(socket: Deno.TcpConn, request: string) {
    this.#socket = socket;
    this.#request = new TextEncoder().encode(request);
  }

  static async connect({ hostname, port, request }: LoadTarget): Promise<LoadClient> {
    const socket = await Deno.connect({ hostname, port });
    socket.setNoDelay(true);
    return new LoadClient(socket, request);
  }

  async ask(count: number, { pauseMs, from }: { pauseMs: number; from: number }) {
    const times: number[] = [];
    let due = performance.now() + from;
    for (let i = 0; i < count; i++, due += pauseMs) {
      const left = due - performance.now();
      if (pauseMs > 0 && left > 0) await new Promise((resolve) => setTimeout(resolve, left));
      const start = performance.now();
      await this.#exchange();
      times.push(performance.now() - start);
    }
    return times;
  }

  async #exchange(): Promise<void> {
    for (let at = 0; at < this.#request.length;) {
      at += await this.#socket.write(this.#request.subarray(at));
    }
    for (let length = 0;;) {
      const count = await this.#socket.read(this.#buffer.subarray(length));
      if (count === null) throw new Error("The server has closed a connection");
      length += count;
      if (isWhole(this.#buffer.subarray(0, length))) return;
    }
  }

  close(): void {
    this.#socket.close();
  }
}

const decoder = new TextDecoder("latin1");

function isWhole(bytes: Uint8Array): boolean {
  const text = decoder.decode(bytes);
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return false;
  if (!text.startsWith("HTTP/1.1 200")) throw new Error(`The server answers ${text.slice(9, 200)}`);
  const length = /^content-length: (\d+)/im.exec(text)?.[1];
  return text.length >= head + 4 + Number(length);
}
