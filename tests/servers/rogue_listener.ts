/** A TCP listener on a free port that misbehaves as its script says, once for each connection. */
export interface RogueListener extends AsyncDisposable {
  readonly port: number;
  /** What each connection sent before the script ended with it, in order. */
  readonly received: readonly string[];
}

/**
 * What happens to a connection, after its request was read.
 *
 * `slam`: it is closed before anything was read. `close`: nothing is answered. `hang`: neither
 * answered nor closed until the end of the test.
 * Bytes: these are sent, then the connection is closed.
 */
export type Misbehaviour = "slam" | "close" | "hang" | { readonly bytes: string };

/** Starts a listener that does with its n-th connection what the n-th entry says, then accepts no more. */
export function startRogueListener(...script: readonly Misbehaviour[]): RogueListener {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const received: string[] = [];
  const held: Deno.Conn[] = [];
  const close = () => {
    try {
      listener.close();
    } catch { /* The script or the test has ended before. */ }
  };
  const serving = (async () => {
    for (const misbehaviour of script) {
      const connection = await listener.accept().catch(() => undefined);
      if (connection === undefined) return;
      if (misbehaviour !== "slam") received.push(await readRequest(connection));
      if (misbehaviour === "hang") held.push(connection);
      else await answerAndClose(connection, misbehaviour);
    }
    close();
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    received,
    async [Symbol.asyncDispose]() {
      close();
      for (const connection of held) connection.close();
      await serving;
    },
  };
}

async function answerAndClose(connection: Deno.Conn, misbehaviour: Misbehaviour): Promise<void> {
  if (typeof misbehaviour === "object") {
    await connection.write(new TextEncoder().encode(misbehaviour.bytes));
  }
  connection.close();
}

/** Reads a request with its body, so that closing does not reset what was not read. */
async function readRequest(connection: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16_384);
  let text = "";
  while (!isWhole(text)) {
    const count = await connection.read(buffer);
    if (count === null) break;
    text += decoder.decode(buffer.subarray(0, count));
  }
  return text;
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /^content-length: (\d+)$/im.exec(text.slice(0, end))?.[1] ?? "0";
  return text.length >= end + 4 + Number(length);
}
