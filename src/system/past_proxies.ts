import { isLoopback } from "../loopback.ts";
import { readRawVariable, readVariable } from "./process_environment.ts";

const EXCEPTIONS = ["NO_PROXY", "no_proxy"] as const;

/** The variables that name a proxy, by protocol, in the runtime's order of precedence. */
const PROXIES: Readonly<Record<string, readonly string[]>> = {
  "http:": ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
  "https:": ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
};

/**
 * Calls `make` without the environment's proxies, for a URL that no proxy must see: of this machine, of its
 * metadata service (`isDirect`), or any URL if `NO_PROXY` is `*`, which the runtime does not support.
 * `undefined` for any other URL.
 *
 * The runtime reads the variables when it makes a client. They are restored at once, since programs that we
 * run inherit the environment. Throws `bad-usage` for a NO_PROXY that is not UTF-8: it cannot be restored.
 */
export function pastProxies<T>(
  { protocol, hostname }: URL,
  make: () => T,
  isDirect = false,
): T | undefined {
  if (!PROXIES[protocol]?.some(readRawVariable)) return undefined;
  if (!isDirect && !isLoopback(hostname) && !EXCEPTIONS.some(isForAll)) return undefined;
  const given = EXCEPTIONS.map((name) => [name, readVariable(name)] as const);
  try {
    // The runtime compares addresses without the brackets of a URL.
    const host = hostname.replace(/^\[|\]$/g, "");
    for (const name of EXCEPTIONS) Deno.env.set(name, host);
    return make();
  } finally {
    for (const [name, value] of given) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

function isForAll(name: string): boolean {
  return readRawVariable(name)?.split(",").some((entry) => entry.trim() === "*") === true;
}

/** The variable that names the proxy for a URL; `undefined` if none does. */
export function proxyVariable({ protocol }: URL): string | undefined {
  return PROXIES[protocol]?.find(readRawVariable);
}

/**
 * Whether a request uses a proxy, for a message about it. The runtime decides; this reads only the names and
 * addresses in `NO_PROXY`, not its ranges of addresses.
 */
export function goesByProxy(url: URL): boolean {
  const { hostname } = url;
  if (proxyVariable(url) === undefined || isLoopback(hostname)) return false;
  return !EXCEPTIONS.some((name) => readRawVariable(name)?.split(",").some(isOf)) &&
    !EXCEPTIONS.some(isForAll);

  function isOf(entry: string): boolean {
    const host = entry.trim().replace(/^\./, "").toLowerCase();
    return host !== "" && (hostname === host || hostname.endsWith(`.${host}`));
  }
}

/** The proxy for a URL: `which` describes it for a person, without user and password; `proxy` has them. */
function describeProxy(url: URL): { readonly which: string; readonly proxy: URL | null } {
  const name = proxyVariable(url);
  const text = readRawVariable(name ?? "") ?? "";
  const proxy = URL.parse(text.includes("://") ? text : `http://${text}`);
  return { which: `the proxy ${proxy?.host ?? ""} of ${name ?? "the environment"}`, proxy };
}

/** Describes what a proxy that asks for credentials (status 407) was given, without the password. */
export function describeRefusedProxy(url: URL): string {
  const { which, proxy } = describeProxy(url);
  return proxy?.username
    ? `${which} does not accept the user ${
      decodeURIComponent(proxy.username)
    } and the password there (407)`
    : `${which} asks for credentials (407): write http://USER:PASSWORD@${
      proxy?.host ?? "HOST"
    } there`;
}

/** Describes a proxy that cannot be reached, for a message. */
export function describeAbsentProxy(url: URL, why: string): string {
  return `${describeProxy(url).which} cannot be reached: ${why}`;
}

/** Describes a proxy that does not connect to the host, with its answer, for a message. */
export function describeClosedProxy(url: URL, answer: string | undefined): string {
  const { which } = describeProxy(url);
  return `${which} makes no connection to ${url.host}${answer === undefined ? "" : `: ${answer}`}`;
}
