// Started by http_proxy_test.ts: sends one request with the usual client and one with a client of
// its own, and prints what came of them.

import { HttpFailure } from "../../src/http.ts";
import { systemHttp } from "../../src/system/http.ts";

const [url = "", certificate = ""] = Deno.args;

async function attempt(caCertificates: readonly string[]): Promise<string> {
  try {
    const { status, body } = await systemHttp().send({
      method: "POST",
      url,
      headers: {},
      body: "a=b",
      timeoutMs: 20_000,
      caCertificates,
    });
    return `${status} ${body}`;
  } catch (error) {
    if (error instanceof HttpFailure) return error.kind;
    throw error;
  }
}

console.log(JSON.stringify([await attempt([]), await attempt([certificate])]));
// As the program ends: the runtime waits forever for a body that it never began to send.
Deno.exit();
