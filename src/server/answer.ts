/**
 * What a credential server answers with: JSON that no cache keeps.
 *
 * The SDKs differ in how they spell what is in an error (Go `code`, JavaScript `Code`), so both are
 * there (docs/formats.md, "Container credential endpoint").
 */

const HEADERS = {
  "Content-Type": "application/json",
  // Credentials are in it: neither a proxy nor a browser keeps it, or takes it for anything else.
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
};

/** An answer with a body. */
export function answer(body: Readonly<Record<string, unknown>>): Response {
  return new Response(JSON.stringify(body), { headers: HEADERS });
}

/** A refusal: a word for programs, and a sentence for people, which says no secret. */
export function refuse(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = JSON.stringify({ code, message, Code: code, Message: message });
  return new Response(body, { status, headers: { ...HEADERS, ...headers } });
}
