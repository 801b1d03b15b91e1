import { readRawVariable, readVariable } from "./process_environment.ts";

const EXCEPTIONS = ["NO_PROXY", "no_proxy"] as const;

const PROXIES = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] as const;

/**
 * What `make` makes without the proxies for plain HTTP to a host that the environment names; `undefined`
 * where it names none.
 *
 * The runtime reads them when it makes a client. They are given back at once, since what we run inherits
 * the environment. Throws `bad-usage` for a NO_PROXY that is not UTF-8: it could not be given back.
 */
export function pastProxies<T>(hostname: string, make: () => T): T | undefined {
  if (!PROXIES.some(readRawVariable)) return undefined;
  const given = EXCEPTIONS.map((name) => [name, readVariable(name)] as const);
  try {
    for (const name of EXCEPTIONS) Deno.env.set(name, hostname);
    return make();
  } finally {
    for (const [name, value] of given) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}
