/**
 * Whether a URL's host name is this machine: 127.0.0.0/8, ::1, and `localhost`.
 *
 * RFC 6761 reserves the names below `localhost` too, and those with a dot at the end, but the C library
 * resolves them over the network: a remote resolver could direct unencrypted requests to itself.
 */
export function isLoopback(hostname: string): boolean {
  return /^127(?:\.\d+){3}$/.test(hostname) || ["[::1]", "localhost"].includes(hostname);
}

/** Whether a text is an IP address, and not something that a resolver would look up, such as `127.0.0.999`. */
export function isIpAddress(text: string): boolean {
  if (text.includes(":")) return /^[0-9a-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]`);
  const parts = text.split(".");
  return parts.length === 4 &&
    parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}
