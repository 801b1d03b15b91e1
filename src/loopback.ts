/**
 * Whether a URL's host name is this machine: 127.0.0.0/8, ::1, and `localhost`.
 *
 * RFC 6761 keeps the names below `localhost` for it, too, but the C library asks the network for them:
 * a resolver elsewhere could lead unencrypted requests to itself.
 */
export function isLoopback(hostname: string): boolean {
  return /^127(?:\.\d+){3}$/.test(hostname) || hostname === "[::1]" ||
    /^localhost\.?$/.test(hostname);
}
