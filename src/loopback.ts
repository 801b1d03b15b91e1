/**
 * Whether a URL's host name is this machine: 127.0.0.0/8, ::1, and `localhost`.
 *
 * RFC 6761 reserves the names below `localhost` too, and those with a dot at the end, but the C library
 * resolves them over the network: a remote resolver could direct unencrypted requests to itself.
 */
export function isLoopback(hostname: string): boolean {
  return /^127(?:\.\d+){3}$/.test(hostname) || ["[::1]", "localhost"].includes(hostname);
}
