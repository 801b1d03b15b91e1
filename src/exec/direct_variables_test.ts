import assert from "node:assert/strict";
import { directVariables } from "./direct_variables.ts";

const PROXY = { http_proxy: "http://proxy.example:3128" };

Deno.test("directVariables() excepts a host from the proxies that are set, in the spelling that is used", () => {
  const cases: [Record<string, string>, Record<string, string>][] = [
    [{}, {}],
    [{ https_proxy: "http://proxy.example" }, {}],
    [{ HTTP_PROXY: "" }, {}],
    [PROXY, { NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" }],
    [{ ALL_PROXY: "socks5://x" }, { NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" }],
    [{ ...PROXY, no_proxy: "a.example" }, { no_proxy: "a.example,127.0.0.1" }],
    [{ ...PROXY, NO_PROXY: "a.example, b.example," }, {
      NO_PROXY: "a.example,b.example,127.0.0.1",
    }],
    [{ ...PROXY, NO_PROXY: "a", no_proxy: "b" }, {
      NO_PROXY: "a,127.0.0.1",
      no_proxy: "b,127.0.0.1",
    }],
    [{ ...PROXY, NO_PROXY: "x,127.0.0.1" }, { NO_PROXY: "x,127.0.0.1" }],
    [{ ...PROXY, no_proxy: "*" }, { no_proxy: "*" }],
  ];
  const got = cases.map(([parent]) => [parent, directVariables(parent, "127.0.0.1")]);
  assert.deepEqual(got, cases);
});

Deno.test("directVariables() ignores case on Windows", () => {
  const parent = { Http_Proxy: "http://proxy.example", no_proxy: "a.example" };
  assert.deepEqual(directVariables(parent, "127.0.0.1", true), { NO_PROXY: "a.example,127.0.0.1" });
});
