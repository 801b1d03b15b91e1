import assert from "node:assert/strict";
import { makeCertificates, requireOpenssl } from "../../tests/servers/certificates.ts";
import { CLOSED_URL } from "../../tests/servers/closed_port.ts";
import { startRogueListener } from "../../tests/servers/rogue_listener.ts";
import { HttpFailure, type HttpRequest } from "../http.ts";
import { systemHttp } from "./http.ts";

const http = systemHttp();

function post(url: string, changes: Partial<HttpRequest> = {}) {
  return http.send({
    method: "POST",
    url,
    headers: { "content-type": "text/plain", "x-one": "1" },
    body: "a=b",
    timeoutMs: 20_000,
    ...changes,
  });
}

/** How a request fails: the kind and the reason, which must not name the address. */
async function failureOf(sending: Promise<unknown>): Promise<[HttpFailure["kind"], string]> {
  const error = await sending.then(() => undefined, (error) => error);
  assert(error instanceof HttpFailure, String(error));
  assert(!error.message.includes("http://") && !error.message.includes("https://"), error.message);
  return [error.kind, error.message];
}

function serve(handler: Deno.ServeHandler) {
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
}

Deno.test("send() gives status, headers and body, and follows no redirect", async () => {
  await using server = serve(async (request) =>
    new Response(`${request.method} ${request.headers.get("x-one")} ${await request.text()} ü`, {
      status: 307,
      headers: { location: "https://example.com/", "X-Two": "2" },
    })
  );
  const { status, headers, body } = await post(`http://127.0.0.1:${server.addr.port}/`);
  assert.deepEqual(
    { status, body, location: headers["location"], two: headers["x-two"] },
    { status: 307, body: "POST 1 a=b ü", location: "https://example.com/", two: "2" },
  );
});

Deno.test("send() is unsent where nothing listens", async () => {
  const [kind, reason] = await failureOf(post(CLOSED_URL));
  assert.equal(kind, "unsent");
  assert.match(reason, /^tcp connect error: Connection refused/);
});

Deno.test("send() is unsent where the name does not exist", async () => {
  const [kind, reason] = await failureOf(post("http://nowhere.invalid/", { timeoutMs: 120_000 }));
  assert.equal(kind, "unsent");
  assert.match(reason, /^dns error: /);
});

Deno.test("send() is unsent where the server ends the TLS handshake", async () => {
  await using listener = startRogueListener("slam");
  assert.equal((await failureOf(post(`https://127.0.0.1:${listener.port}/`)))[0], "unsent");
});

Deno.test("send() is unanswered where the server closes before it answers, and sends once", async () => {
  await using listener = startRogueListener("close", { bytes: "HTTP/1.1 200 OK\r\n\r\n" });
  const [kind] = await failureOf(post(`http://127.0.0.1:${listener.port}/`));
  assert.equal(kind, "unanswered");
  assert.equal(listener.received.length, 1);
  assert.match(listener.received[0]!, /^content-length: 3\r\n(.*\r\n)*\r\na=b$/m);
});

for (
  const [what, bytes] of [
    ["half a status line", "HTTP/1.1 20"],
    ["half the headers", "HTTP/1.1 200 OK\r\nContent-Le"],
    ["no HTTP", "nonsense\r\n\r\n"],
  ] as const
) {
  Deno.test(`send() is unanswered where the answer is ${what}`, async () => {
    await using listener = startRogueListener({ bytes });
    assert.equal((await failureOf(post(`http://127.0.0.1:${listener.port}/`)))[0], "unanswered");
  });
}

for (
  const [what, bytes] of [
    ["shorter than its length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<a>"],
    ["cut within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n<a>"],
    ["without its last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<a>\r\n"],
  ] as const
) {
  Deno.test(`send() is cut where the body is ${what}`, async () => {
    await using listener = startRogueListener({ bytes });
    assert.equal((await failureOf(post(`http://127.0.0.1:${listener.port}/`)))[0], "cut");
  });
}

Deno.test("send() is cut where the answer is larger than 1 MiB, packed or not", async () => {
  await using server = serve((request) => {
    const large = new Blob(["x".repeat(1024 * 1024 + 1)]).stream();
    return request.url.endsWith("/packed")
      ? new Response(large.pipeThrough(new CompressionStream("gzip")), {
        headers: { "content-encoding": "gzip" },
      })
      : new Response(large);
  });
  const at = `http://127.0.0.1:${server.addr.port}`;
  const expected = ["cut", "it is larger than 1 MiB"];
  assert.deepEqual(await failureOf(post(`${at}/plain`)), expected);
  assert.deepEqual(await failureOf(post(`${at}/packed`)), expected);
});

Deno.test("send() gives up in time where the server never answers, or stops within the body", async () => {
  await using silent = startRogueListener("hang");
  assert.deepEqual(
    await failureOf(post(`http://127.0.0.1:${silent.port}/`, { timeoutMs: 50 })),
    ["timeout", "no answer within 0.05 s"],
  );
  await using server = serve(() =>
    new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(3)) }))
  );
  assert.deepEqual(
    await failureOf(post(`http://127.0.0.1:${server.addr.port}/`, { timeoutMs: 50 })),
    ["timeout", "no answer within 0.05 s"],
  );
});

Deno.test("send() ends with the caller's reason when it is aborted", async () => {
  await using silent = startRogueListener("hang");
  const reason = new Error("enough");
  const controller = new AbortController();
  const sending = post(`http://127.0.0.1:${silent.port}/`, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(sending, reason);
});

const CAN_MAKE_CERTIFICATES = requireOpenssl();

Deno.test(
  "send() trusts a server of an unknown authority only with its certificate",
  CAN_MAKE_CERTIFICATES,
  async () => {
    const { authority, certificate, key } = await makeCertificates();
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", cert: certificate, key, onListen() {} },
      () => new Response("trusted"),
    );
    const url = `https://localhost:${server.addr.port}/`;
    assert.deepEqual(await failureOf(post(url)), [
      "untrusted",
      "invalid peer certificate: UnknownIssuer",
    ]);
    assert.equal((await post(url, { caCertificates: [authority] })).body, "trusted");
    const another = await makeCertificates();
    assert.equal(
      (await failureOf(post(url, { caCertificates: [another.authority] })))[0],
      "untrusted",
    );
  },
);
