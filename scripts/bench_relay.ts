/** Makes a distant server from a near one. */

/** Stands in front of a server, and delays its answers. */
export interface Relay extends AsyncDisposable {
  /** The URL on which it listens, without a trailing slash. */
  readonly url: string;
}

/** Starts a relay on a free port of loopback; everything that the server sends arrives later. */
export function startRelay(server: string, delayMs: number): Relay {
  const port = Number(new URL(server).port);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.TcpConn>();
  const accepting = accept(listener, port, delayMs, connections);
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of connections) close(connection);
      await accepting;
    },
  };
}

async function accept(
  listener: Deno.TcpListener,
  port: number,
  delayMs: number,
  connections: Set<Deno.TcpConn>,
): Promise<void> {
  const relayed: Promise<void>[] = [];
  for await (const client of listener) {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    for (const one of [client, server]) connections.add(one);
    relayed.push(copy(client, server, 0), copy(server, client, delayMs));
  }
  await Promise.all(relayed);
}

async function copy(from: Deno.TcpConn, to: Deno.TcpConn, delayMs: number): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
      const bytes = buffer.slice(0, size);
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      for (let sent = 0; sent < size; sent += await to.write(bytes.subarray(sent)));
    }
  } catch {
    // One of the two connections is closed.
  }
  for (const one of [from, to]) close(one);
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed.
  }
}
