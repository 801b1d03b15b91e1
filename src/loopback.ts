/** Whether a URL's host name is this machine: 127.0.0.0/8, ::1, and the names that RFC 6761 keeps for it. */
export function isLoopback(hostname: string): boolean {
  return /^127(?:\.\d+){3}$/.test(hostname) || hostname === "[::1]" ||
    /^(?:.+\.)?localhost\.?$/.test(hostname);
}
