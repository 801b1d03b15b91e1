import type { Listener, Servers } from "../host.ts";
import { openLibc } from "./ffi/libc.ts";
import { failureReason } from "./file_failure.ts";
import { raiseOpenFileLimit } from "./open_file_limit.ts";
import { quote } from "../text.ts";
import { VaultError } from "../errors.ts";

/** HTTP servers on this machine, by the runtime. */
export function systemServers(): Servers {
  return {
    listen(port, handler, address = "127.0.0.1") {
      const libc = openLibc();
      if (libc !== undefined) raiseOpenFileLimit(libc);
      return new LastingServer({ hostname: address, port }, handler);
    },
  };
}

type Handler = Parameters<Servers["listen"]>[1];

/** Where a server listens. */
interface Place {
  readonly hostname: string;
  readonly port: number;
}

/** The runtime's server, and what ends it at once, with every connection. */
interface Running {
  readonly server: Deno.HttpServer;
  readonly end: AbortController;
}

/** How many clients may wait in the kernel until they are accepted; Linux reduces it to its own limit. */
const BACKLOG = 4_096;

/** How long to wait for answers under way. */
const FINISH_MS = 1_000;

/**
 * A server that survives a failure to accept connections, which ends the runtime's server: any program
 * on this machine can open more connections than the limit of open files allows.
 */
class LastingServer implements Listener {
  readonly host: string;
  readonly #place: Place;
  readonly #handler: Handler;
  #running: Running;
  #isClosed = false;

  constructor(place: Place, handler: Handler) {
    this.#handler = handler;
    this.#running = start(place, handler);
    const { port } = this.#running.server.addr as Deno.NetAddr;
    this.#place = { ...place, port };
    this.host = hostOf(this.#place);
    void this.#keep();
  }

  /** Does not use `shutdown`, which would wait for every client that keeps its connection. */
  close(): void {
    this.#isClosed = true;
    this.#running.end.abort();
  }

  /** Waits a limited time: a client could keep its connection, and so the server, for as long as it likes. */
  async finish(): Promise<void> {
    this.#isClosed = true;
    const timer = setTimeout(() => this.#running.end.abort(), FINISH_MS);
    await this.#running.server.shutdown();
    clearTimeout(timer);
  }

  /**
   * Restarts immediately and on the same port: clients know this port, and would send their tokens to any
   * program that has taken it since. Throws if one has.
   */
  async #keep(): Promise<void> {
    for (;;) {
      await this.#running.server.finished.catch(() => {});
      if (this.#isClosed) return;
      // This also ends the excess connections.
      this.#running.end.abort();
      this.#running = start(this.#place, this.#handler);
    }
  }
}

/** The `Host` of a server; one on all addresses is reached on the loopback address. */
function hostOf({ hostname, port }: Place): string {
  if (hostname === "0.0.0.0") return `127.0.0.1:${port}`;
  if (!hostname.includes(":")) return `${hostname}:${port}`;
  // As clients write it, but always with the port.
  const url = new URL(`http://[${/^[0:]+$/.test(hostname) ? "::1" : hostname}]`);
  return `${url.hostname}:${port}`;
}

/** Starts on a numeric address: a name may lead elsewhere. */
function start(place: Place, handler: Handler): Running {
  const end = new AbortController();
  const options = {
    ...place,
    tcpBacklog: BACKLOG,
    signal: end.signal,
    onListen() {},
    // The runtime's own answer has another format, and it prints its message on standard error.
    onError: () => Response.json({ code: "InternalError", Code: "InternalError" }, { status: 500 }),
  };
  try {
    return { server: Deno.serve(options, collecting(handler)), end };
  } catch (cause) {
    const { hostname, port } = place;
    const where = hostname.includes(":") ? `[${hostname}]` : hostname;
    const shown = quote(port === 0 ? where : `${where}:${port}`);
    throw new VaultError("conflict", `Cannot listen on ${shown}: ${failureReason(cause)}`, {
      cause,
    });
  }
}

/** V8's function of `--expose-gc`, with which `deno compile` is called; absent when run from the sources. */
declare const gc: ((options: { readonly type: "minor" }) => void) | undefined;

const ANSWERS_PER_COLLECTION = 300;

/**
 * A handler whose garbage is collected while it is young. Left to V8, requests under way are moved to
 * where garbage stays longest: 90 MB instead of 84 during 100,000 answers (measured, `bench_server.ts`).
 */
function collecting(handler: Handler): Handler {
  if (typeof gc === "undefined") return handler;
  let answers = 0;
  return (...request) => {
    if (++answers % ANSWERS_PER_COLLECTION === 0) setTimeout(gc, 0, { type: "minor" });
    return handler(...request);
  };
}
