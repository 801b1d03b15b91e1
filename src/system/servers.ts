import type { Servers } from "../host.ts";
import { failureReason } from "./file_failure.ts";
import { quote } from "../text.ts";
import { VaultError } from "../errors.ts";

/** HTTP servers of this machine's own, by the runtime. */
export function systemServers(): Servers {
  return {
    listen(port, handler) {
      const end = new AbortController();
      const server = start(port, end.signal, handler);
      const host = `127.0.0.1:${(server.addr as Deno.NetAddr).port}`;
      // At once: `shutdown` would wait for every client that keeps its connection.
      return { host, close: () => end.abort(), finish: () => finish(server, end) };
    },
  };
}

/** How long answers that are on their way are waited for. */
const FINISH_MS = 1_000;

/** A client may keep its connection, and so the server, for as long as it likes. */
async function finish(server: Deno.HttpServer, end: AbortController): Promise<void> {
  const timer = setTimeout(() => end.abort(), FINISH_MS);
  await server.shutdown();
  clearTimeout(timer);
}

/** On the loopback address by number: a name may lead elsewhere. */
function start(
  port: number,
  signal: AbortSignal,
  handler: Parameters<Servers["listen"]>[1],
): Deno.HttpServer {
  const options = {
    hostname: "127.0.0.1",
    port,
    signal,
    onListen() {},
    // The runtime's own answer would be of another form, and its message on standard error.
    onError: () => Response.json({ code: "InternalError", Code: "InternalError" }, { status: 500 }),
  };
  try {
    return Deno.serve(options, handler);
  } catch (cause) {
    const place = quote(`127.0.0.1:${port}`);
    throw new VaultError("conflict", `Cannot listen on ${place}: ${failureReason(cause)}`, {
      cause,
    });
  }
}
