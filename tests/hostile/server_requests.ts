/**
 * Requests that a credential server has to refuse, each with the exact answer: a table for every such
 * server, whatever proves to it who asks.
 */

/** A server as somebody finds it who knows all about it but what a right request proves itself by. */
export interface Target {
  readonly kind: "container" | "metadata";
  readonly hostname: string;
  readonly port: number;
  /** Where its credentials are. */
  readonly path: string;
  /** The header that a right request has. */
  readonly proof: { readonly name: string; readonly value: string };
}

/** Bytes on a new connection, and what comes back. */
export interface HostileRow {
  readonly what: string;
  readonly send: (target: Target) => string;
  /** The status of each answer and the word in it, as {@linkcode readAnswers} gives them. */
  readonly answers: readonly string[];
  /** Where the metadata service has another answer. */
  readonly ofMetadata?: readonly string[];
  /** What Deno 2.7 answers by itself, whose HTTP server is another one than that of 2.9. */
  readonly older?: readonly string[];
  /** The client says that it sends no more (half-closed). */
  readonly isHalfClosed?: boolean;
}

const END = "\r\n\r\n";

/** A request with the right host and proof, except for what is given. */
function request(
  target: Target,
  {
    line = `GET ${target.path} HTTP/1.1`,
    host = hostOf(target),
    proof = proofOf(target),
    more = "",
  },
  body = "",
): string {
  const headers = [line, host && `Host: ${host}`, proof, "Connection: close", more];
  return headers.filter((header) => header !== "").join("\r\n") + END + body;
}

const hostOf = ({ hostname, port }: Target) => `${hostname}:${port}`;
const proofOf = ({ proof: { name, value } }: Target) => `${name}: ${value}`;
const proves = (value: (right: string) => string) => ({ proof }: Target) =>
  `${proof.name}: ${value(proof.value)}`;

type Changes = Parameters<typeof request>[1];

/** A row of one changed request. */
function row(
  what: string,
  change: (target: Target) => Changes,
  answer: string,
  more: Partial<HostileRow> = {},
): HostileRow {
  return { what, send: (target) => request(target, change(target)), answers: [answer], ...more };
}

const OK = "200";
const UNPROVED = "401 Unauthorized";
const FOREIGN = "403 ForbiddenHost";
const FORWARDED = "400 Forwarded";
const METHOD = "405 MethodNotAllowed";
const NOWHERE = "404 NotFound";
/** The runtime's own answer to what is not HTTP. */
const BROKEN = "400";

const METHODS = ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "get", "QUERY"];

/** Paths that lead nowhere, however they are read. */
const PATHS = [
  "//",
  "/x/../y",
  "/%2e%2e/x",
  "/..%2f",
  "/%00",
  "/%0d%0aX:1",
  "/\\",
  "/;x",
  "/.",
  "/?x",
];

/** All of them. */
export const HOSTILE_ROWS: readonly HostileRow[] = [
  row("the right request", () => ({}), OK),
  row("no proof", () => ({ proof: "" }), UNPROVED),
  row("an empty proof", (target) => ({ proof: proves(() => "")(target) }), UNPROVED),
  row(
    "a proof that lacks its end",
    (t) => ({ proof: proves((it) => it.slice(0, -1))(t) }),
    UNPROVED,
  ),
  row(
    "a proof in other letters",
    (t) => ({ proof: proves((it) => it.toUpperCase())(t) }),
    UNPROVED,
  ),
  row("a proof with more", (target) => ({ proof: proves((it) => `${it}x`)(target) }), UNPROVED),
  row("the proof twice", (target) => ({ more: proofOf(target) }), UNPROVED),
  row("a proof of another kind", (t) => ({ proof: proves((it) => `Bearer ${it}`)(t) }), UNPROVED),
  row("another host", () => ({ host: "attacker.example" }), FOREIGN),
  row(
    "a name that leads here, with the port",
    ({ port }) => ({ host: `a.example:${port}` }),
    FOREIGN,
  ),
  row("localhost", ({ port }) => ({ host: `localhost:${port}` }), FOREIGN),
  row("the host without its port", ({ hostname }) => ({ host: hostname }), FOREIGN),
  row("the host with a dot", ({ hostname, port }) => ({ host: `${hostname}.:${port}` }), FOREIGN),
  row("a host that begins with ours", (t) => ({ host: `${hostOf(t)}.a.example` }), FOREIGN),
  row("no host", () => ({ host: "" }), FOREIGN),
  row("two hosts", () => ({ more: "Host: attacker.example" }), BROKEN, { older: [FOREIGN] }),
  row("an address in the line", () => ({ line: "GET http://a.example/ HTTP/1.1" }), FOREIGN),
  row("a proxy before it", () => ({ more: "X-Forwarded-For: 10.0.0.1" }), FORWARDED),
  ...METHODS.map((method) =>
    row(`the method ${method}`, ({ path }) => ({ line: `${method} ${path} HTTP/1.1` }), METHOD)
  ),
  row("the method HEAD", ({ path }) => ({ line: `HEAD ${path} HTTP/1.1` }), "405"),
  row("the method TRACE", ({ path }) => ({ line: `TRACE ${path} HTTP/1.1` }), METHOD),
  row("the method CONNECT", (t) => ({ line: `CONNECT ${hostOf(t)} HTTP/1.1` }), FOREIGN),
  ...PATHS.map((path) =>
    row(`the path ${path}`, () => ({ line: `GET ${path} HTTP/1.1` }), NOWHERE)
  ),
  // Older runtimes read up to 418 KB of headers: near that, the answer depends on how they arrive.
  row("a header of 300 KB", () => ({ more: `X: ${"x".repeat(300_000)}` }), BROKEN, { older: [OK] }),
  row("a header of 2 MB", () => ({ more: `X: ${"x".repeat(2_000_000)}` }), BROKEN, {
    older: ["431"],
  }),
  row("1,000 headers", () => ({ more: Array(1000).fill("X: x").join("\r\n") }), BROKEN, {
    older: ["431"],
  }),
  row("a path of 100 KB", () => ({ line: `GET /${"x".repeat(100_000)} HTTP/1.1` }), BROKEN, {
    older: ["414"],
  }),
  row("a line break within a header", () => ({ more: "X: a\r\n b" }), BROKEN),
  row("a space before the colon", () => ({ more: "X : a" }), BROKEN),
  row("another version", ({ path }) => ({ line: `GET ${path} HTTP/3.0` }), BROKEN),
  row("version 1.0", ({ path }) => ({ line: `GET ${path} HTTP/1.0` }), OK),
  {
    what: "a chunked body",
    send: (t) => request(t, { more: "Transfer-Encoding: chunked" }, "3\r\nabc\r\n0\r\n\r\n"),
    answers: [OK],
  },
  {
    what: "a chunked body of a POST without proof",
    send: (t) =>
      request(t, {
        line: `POST ${t.path} HTTP/1.1`,
        proof: "",
        more: "Transfer-Encoding: chunked",
      }, "3\r\nabc\r\n0\r\n\r\n"),
    answers: [UNPROVED],
    ofMetadata: [METHOD],
  },
  {
    what: "chunks that are none, with the proof in them",
    send: (t) =>
      request(t, { proof: "", more: "Transfer-Encoding: chunked" }, `zz\r\n${proofOf(t)}\r\n\r\n`),
    answers: [],
    older: [UNPROVED],
  },
  {
    what: "a body of two lengths, with a request in it",
    send: (t) =>
      request(
        t,
        { proof: "", more: "Content-Length: 5\r\nTransfer-Encoding: chunked" },
        "0\r\n\r\n" + request(t, {}),
      ),
    answers: [BROKEN],
    older: [UNPROVED],
  },
  row("two lengths", () => ({ more: "Content-Length: 5\r\nContent-Length: 6" }), BROKEN),
  row("a length below nothing", () => ({ more: "Content-Length: -1" }), BROKEN),
  {
    what: "requests in one go",
    send: (t) =>
      [
        request(t, {}),
        request(t, { proof: "" }),
        request(t, { host: "a.example" }),
        request(t, {}),
      ].map((text, i) => i === 3 ? text : text.replace("Connection: close\r\n", "")).join(""),
    answers: [OK, UNPROVED, FOREIGN, OK],
  },
  { what: "nothing", send: () => "", answers: [], isHalfClosed: true },
  {
    what: "half a request",
    send: (t) => request(t, {}).slice(0, -4),
    answers: [],
    isHalfClosed: true,
  },
  {
    what: "a request of who sends no more",
    send: (t) => request(t, {}),
    answers: [OK],
    older: [],
    isHalfClosed: true,
  },
  { what: "no HTTP", send: () => `nonsense${END}`, answers: [BROKEN] },
  {
    what: "the start of TLS",
    send: () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + END,
    answers: [BROKEN],
  },
  { what: "HTTP/2", send: () => `PRI * HTTP/2.0${END}SM${END}`, answers: [], isHalfClosed: true },
];

/** The answers in what came back: of each the status, and of JSON the word in it. */
export function readAnswers(text: string): string[] {
  const answers: string[] = [];
  for (let rest = text; rest.startsWith("HTTP/1.");) {
    const end = rest.indexOf(END);
    const head = rest.slice(0, end);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    const body = rest.slice(end + END.length, end + END.length + length);
    const status = head.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length);
    const word = /"Code":"(?!Success)(\w+)"/.exec(body)?.[1];
    answers.push(word === undefined ? status : `${status} ${word}`);
    rest = rest.slice(end + END.length + length);
  }
  return answers;
}
