import { isLoopback } from "../loopback.ts";
import { readRawVariable, readVariable } from "./process_environment.ts";

const EXCEPTIONS = ["NO_PROXY", "no_proxy"] as const;

/** The variables that name a proxy, by protocol, in the order in which the runtime takes them. */
const PROXIES: Readonly<Record<string, readonly string[]>> = {
  "http:": ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
  "https:": ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
};

/**
 * What `make` makes without the proxies of the environment, for a URL that none must see: of this machine,
 * of its metadata service (`isDirect`), or any where `NO_PROXY` is `*`, which the runtime does not know. `undefined` for any other.
 *
 * The runtime reads them when it makes a client. They are given back at once, since what we run inherits
 * the environment. Throws `bad-usage` for a NO_PROXY that is not UTF-8: it could not be given back.
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

/** The variable that names the proxy for a URL; `undefined`: none does. */
export function proxyVariable({ protocol }: URL): string | undefined {
  return PROXIES[protocol]?.find(readRawVariable);
}

/**
 * Whether a request goes by a proxy, for a message about it. The runtime decides: of what `NO_PROXY` takes,
 * names and addresses are read here, and ranges of addresses are not.
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

/** The proxy for a URL as a person knows it, without user and password, and the user that it was given. */
function describeProxy(url: URL): { readonly which: string; readonly proxy: URL | null } {
  const name = proxyVariable(url);
  const text = readRawVariable(name ?? "") ?? "";
  const proxy = URL.parse(text.includes("://") ? text : `http://${text}`);
  return { which: `the proxy ${proxy?.host ?? ""} of ${name ?? "the environment"}`, proxy };
}

/** What a proxy that asks for credentials (status 407) was given: for a message, without a password. */
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

/** A proxy that cannot be reached: for a message. */
export function describeAbsentProxy(url: URL, why: string): string {
  return `${describeProxy(url).which} cannot be reached: ${why}`;
}

/** A proxy that makes no connection to the host, with its answer: for a message. */
export function describeClosedProxy(url: URL, answer: string | undefined): string {
  const { which } = describeProxy(url);
  return `${which} makes no connection to ${url.host}${answer === undefined ? "" : `: ${answer}`}`;
}
