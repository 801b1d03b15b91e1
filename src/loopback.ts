/**
 * Whether a URL's host name is this machine: 127.0.0.0/8, ::1, and `localhost`.
 *
 * RFC 6761 keeps the names below `localhost` for it, too, and the same with a dot at the end, but the C
 * library asks the network for them: a resolver elsewhere could lead unencrypted requests to itself.
 */
export function isLoopback(hostname: string): boolean {
  return /^127(?:\.\d+){3}$/.test(hostname) || ["[::1]", "localhost"].includes(hostname);
}
