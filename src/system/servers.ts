import type { Servers } from "../host.ts";
import { failureReason } from "./file_failure.ts";
import { quote } from "../text.ts";
import { VaultError } from "../errors.ts";

/** HTTP servers of this machine's own, by the runtime. */
export function systemServers(): Servers {
  return {
    listen(port, handler, address = "127.0.0.1") {
      const end = new AbortController();
      const server = start({ hostname: address, port, signal: end.signal }, handler);
      const host = hostOf(address, (server.addr as Deno.NetAddr).port);
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

/** A server on all addresses is reached on the loopback address. */
function hostOf(address: string, port: number): string {
  if (address === "0.0.0.0") return `127.0.0.1:${port}`;
  if (!address.includes(":")) return `${address}:${port}`;
  return new URL(`http://[${/^[0:]+$/.test(address) ? "::1" : address}]:${port}`).host;
}

/** On an address by number: a name may lead elsewhere. */
function start(
  place: { hostname: string; port: number; signal: AbortSignal },
  handler: Parameters<Servers["listen"]>[1],
): Deno.HttpServer {
  const options = {
    ...place,
    onListen() {},
    // The runtime's own answer would be of another form, and its message on standard error.
    onError: () => Response.json({ code: "InternalError", Code: "InternalError" }, { status: 500 }),
  };
  try {
    return Deno.serve(options, handler);
  } catch (cause) {
    const { hostname, port } = place;
    const where = hostname.includes(":") ? `[${hostname}]` : hostname;
    const shown = quote(port === 0 ? where : `${where}:${port}`);
    throw new VaultError("conflict", `Cannot listen on ${shown}: ${failureReason(cause)}`, {
      cause,
    });
  }
}
