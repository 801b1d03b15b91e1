/**
 * Asks for a proxy's answer to a CONNECT that failed in the runtime's HTTP library, which hides the
 * status, except for HTTP/1.1 407.
 */

import { readRawVariable } from "./process_environment.ts";

/** A short limit, since the proxy has already let one connection fail. */
const PATIENCE_MS = 3_000;
/** A status line is short; anything longer is not from a proxy. */
const MOST_BYTES = 512;

/**
 * The status line with which a proxy at an `http://` address answers a request for a tunnel to the host of
 * `url`, such as `HTTP/1.0 407 Proxy Authentication Required`; `undefined` if it cannot be had.
 */
export async function askProxy(variable: string, url: URL): Promise<string | undefined> {
  const text = readRawVariable(variable) ?? "";
  const proxy = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (proxy?.protocol !== "http:") return undefined;
  const { signal, stop } = limit();
  try {
    using connection = await Deno.connect({
      hostname: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: Number(proxy.port || 80),
      signal,
    });
    signal.addEventListener("abort", () => connection.close(), { once: true });
    await connection.write(new TextEncoder().encode(renderConnect(proxy, url)));
    const buffer = new Uint8Array(MOST_BYTES);
    const length = await connection.read(buffer) ?? 0;
    const answer = new TextDecoder().decode(buffer.subarray(0, length));
    return /^HTTP\/1\.[01] \d{3}[^\r\n]*/.exec(answer)?.[0];
  } catch {
    return undefined;
  } finally {
    stop();
  }
}

function limit(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), PATIENCE_MS);
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}

function renderConnect(proxy: URL, { hostname, port }: URL): string {
  const host = `${hostname}:${port || 443}`;
  const { username, password } = proxy;
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = username === ""
    ? ""
    : `Proxy-Authorization: Basic ${new TextEncoder().encode(user).toBase64()}\r\n`;
  return `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n${authorization}\r\n`;
}
