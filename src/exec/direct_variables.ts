/** The variables with which the child of `exec` reaches its own server directly, and not through a proxy. */

/** Proxies for `http` addresses, in the spellings that programs know. */
const PROXIES = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

/** The exceptions from them; some programs know only one spelling, and some prefer the second. */
const EXCEPTIONS = ["NO_PROXY", "no_proxy"];

type Variables = Readonly<Record<string, string>>;

/**
 * Adds a host to the exceptions from the parent's proxies, if there are any. botocore, for example, asks a
 * proxy for the metadata service of this machine, and other programs would send it the token of a server.
 * On Windows, both spellings of a name are one variable (`ignoreCase`).
 */
export function directVariables(
  parent: Variables,
  host: string,
  ignoreCase = false,
): Record<string, string> {
  const known = ignoreCase ? inUpperCase(parent) : parent;
  if (!PROXIES.some((name) => isSet(known, name))) return {};
  const given = EXCEPTIONS.filter((name) => isSet(known, name));
  const names = ignoreCase ? ["NO_PROXY"] : given.length > 0 ? given : EXCEPTIONS;
  return Object.fromEntries(names.map((name) => [name, withHost(known[name] ?? "", host)]));
}

function inUpperCase(variables: Variables): Variables {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name.toUpperCase(), value]),
  );
}

function isSet(parent: Variables, name: string): boolean {
  return (parent[name] ?? "") !== "";
}

function withHost(exceptions: string, host: string): string {
  const hosts = exceptions.split(",").map((one) => one.trim()).filter((one) => one !== "");
  return hosts.includes(host) || hosts.includes("*") ? exceptions : [...hosts, host].join(",");
}
