/** The page that the browser shows after a sign-in: self-contained, without external resources. */

/** The possible results. */
export type Outcome = "signed-in" | "refused" | "expired" | "wrong-state" | "failed" | "used";

const TEXTS: Readonly<Record<Outcome, { status: number; title: string; text: string }>> = {
  "signed-in": {
    status: 200,
    title: "You are signed in",
    text:
      "aws-vault has received the sign-in. You can close this page and go back to the terminal.",
  },
  refused: {
    status: 200,
    title: "The sign-in was refused",
    text: "aws-vault received nothing. The terminal shows how to start again.",
  },
  expired: {
    status: 400,
    title: "This sign-in is over",
    text: "It was already used, or took too long. Start again in the terminal.",
  },
  "wrong-state": {
    status: 400,
    title: "This answer belongs to another sign-in",
    text: "aws-vault received nothing, and is still waiting: go back to the page that it opened. " +
      "If you did not start a sign-in, close this page.",
  },
  used: {
    status: 410,
    title: "This page works only once",
    text: "It was already opened. Use the address in the terminal to sign in.",
  },
  failed: {
    status: 502,
    title: "The sign-in did not succeed",
    text: "AWS did not give a token for it. The terminal shows why.",
  },
};

const STYLE = `:root { color-scheme: light dark; --paper: #fff; --ink: #16191f; --soft: #545b64;
  --line: #d5dbdb; --good: #1d8102; --bad: #d13212; }
@media (prefers-color-scheme: dark) { :root { --paper: #16191f; --ink: #f2f3f3; --soft: #aab7b8;
  --line: #414750; --good: #6aaf35; --bad: #ff5d64; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 32rem; padding: 2rem; border: 1px solid var(--line);
  border-top: .25rem solid var(--bad); border-radius: .5rem; overflow-wrap: anywhere; }
main.signed-in { border-top-color: var(--good); }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0; color: var(--soft); }
@media (max-width: 30rem) { main { padding: 1.25rem; } h1 { font-size: 1.25rem; } }
`;

/**
 * The answer for the browser. It contains nothing from a request.
 *
 * Its policy lets the browser load nothing and run nothing; the only style is allowed by its hash.
 */
export async function renderAnswer(outcome: Outcome): Promise<Response> {
  const { status, title, text } = TEXTS[outcome];
  const page = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – aws-vault</title>
<style>${STYLE}</style>
</head>
<body>
<main class="${outcome}">
<h1>${title}</h1>
<p>${text}</p>
</main>
</body>
</html>
`;
  return new Response(page, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src 'sha256-${await hashOf(STYLE)}'; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      connection: "close",
    },
  });
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toBase64();
}
