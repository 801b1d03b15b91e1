/** Signing in to the console in a real browser, at the hosts of each partition. */

import assert from "node:assert/strict";
import {
  makeCertificates,
  requireOpenssl,
  type TestCertificates,
} from "../servers/certificates.ts";
import { requireService, runs } from "../services.ts";
import { CHROMIUM, chromiumWords } from "../services/chromium.ts";
import { programWords } from "./launch.ts";
import { LoginHome } from "./login_home.ts";
import { denoDir } from "./deno_dir.ts";

/** A region of each partition, its sign-in page and its console. */
const PARTITIONS: readonly (readonly [region: string, signIn: string, console: string])[] = [
  ["eu-west-1", "eu-west-1.signin.aws.amazon.com", "eu-west-1.console.aws.amazon.com"],
  ["cn-north-1", "signin.amazonaws.cn", "console.amazonaws.cn"],
  [
    "us-gov-east-1",
    "us-gov-east-1.signin.amazonaws-us-gov.com",
    "us-gov-east-1.console.amazonaws-us-gov.com",
  ],
  [
    "eusc-de-east-1",
    "eusc-de-east-1.signin.amazonaws-eusc.eu",
    "eusc-de-east-1.console.amazonaws-eusc.eu",
  ],
  ["us-iso-east-1", "us-iso-east-1.signin.c2shome.ic.gov", "us-iso-east-1.console.c2shome.ic.gov"],
  [
    "us-isob-east-1",
    "us-isob-east-1.signin.sc2shome.sgov.gov",
    "us-isob-east-1.console.sc2shome.sgov.gov",
  ],
];

const STRACE = requireService(
  "strace",
  runs("strace", "-qq", "-o/dev/null", "true"),
  "apt-get install strace",
);

Deno.test({
  ignore: CHROMIUM.ignore || STRACE.ignore || requireOpenssl().ignore,
  name: "login ends on the page that is asked for, in Chromium, in each partition",
  async fn() {
    await using place = await LoginHome.open();
    const { home, signIn } = place;
    await place.asRole();
    delete home.env["AWS_ENDPOINT_URL_SIGNIN"];
    const certificates = await makeCertificates(...PARTITIONS.map(([, host]) => host));
    home.write("authority.pem", certificates.authority);
    await using web = startWeb(certificates, signIn.url);
    home.env["AWS_CA_BUNDLE"] = `${home.path}/authority.pem`;
    home.env["HTTPS_PROXY"] = `http://127.0.0.1:${web.proxyPort}`;
    home.write("browser", browserScript(home.path, web.port), 0o700);
    for (const [region, host, console] of PARTITIONS) {
      web.hosts.clear();
      const words = [
        "login",
        "--region",
        region,
        "--path",
        "/s3/buckets?a=b#c",
        "--browser",
        `${home.path}/browser`,
      ];
      const started = await startedBy(home, words);
      const page = /<p>(.*?)<\/p>/.exec(home.read("dom")!)?.[1];
      assert.equal(page, `https://${console}/s3/buckets?a=b#c`, home.read("dom"));
      assert.deepEqual([...web.hosts], [host, console]);
      const token = signIn.tokens().at(-1)!;
      assert(started.some((line) => line.includes("--user-data-dir=")));
      assert.deepEqual(
        started.filter((line) => line.includes(token) || line.includes("SigninToken")),
        [],
      );
    }
    assert.equal(signIn.granted.length, PARTITIONS.length);
  },
});

function browserScript(home: string, port: number): string {
  const words = [
    ...chromiumWords(home),
    `--host-resolver-rules=MAP * 127.0.0.1:${port}, EXCLUDE 127.0.0.1`,
    "--ignore-certificate-errors",
    "--no-proxy-server",
    "--dump-dom",
  ].map((word) => `'${word}'`).join(" ");
  return `#!/bin/sh\n${words} "$1" > ~/dom 2>/dev/null\n`;
}

/** Runs a command of ours to its end and that of its browser, and gives every program that it and its browser started, with its arguments. */
async function startedBy(home: LoginHome["home"], words: readonly string[]): Promise<string[]> {
  const log = `${home.path}/strace`;
  const { code, stderr } = await new Deno.Command("strace", {
    args: [
      "-f",
      "--seccomp-bpf",
      "-qq",
      "-s65536",
      "-etrace=execve",
      `-o${log}`,
      "--",
      ...programWords(),
      ...words,
    ],
    env: { PATH: Deno.env.get("PATH") ?? "", ...denoDir(), ...home.env },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return Deno.readTextFileSync(log).split("\n").filter((line) => line.includes("execve("));
}

/** All hosts of the web: a sign-in page leads to AWS's fake, any other shows its own address. */
function startWeb({ certificate, key }: TestCertificates, signInUrl: string) {
  const hosts = new Set<string>();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", cert: certificate, key, onListen() {} },
    async (request) => {
      const url = new URL(request.url);
      const host = url.hostname;
      // The browser asks for more than the page.
      if (!/^(.*\.)?(signin|console)\./.test(host) || url.pathname === "/favicon.ico") {
        return new Response(null, { status: 404 });
      }
      hosts.add(host);
      if (!host.includes("signin.")) {
        const page =
          "<p></p><script>document.querySelector('p').textContent = location.href</script>";
        return new Response(page, { headers: { "content-type": "text/html" } });
      }
      return await fetch(new URL(url.pathname + url.search, signInUrl), {
        method: request.method,
        headers: { "content-type": request.headers.get("content-type") ?? "" },
        body: request.method === "POST" ? await request.text() : null,
        redirect: "manual",
      });
    },
  );
  const proxy = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  void relayAll(proxy, server.addr.port);
  return {
    hosts,
    port: server.addr.port,
    proxyPort: proxy.addr.port,
    async [Symbol.asyncDispose]() {
      proxy.close();
      await server.shutdown();
    },
  };
}

/** A proxy that leads every CONNECT to one port of this machine. */
async function relayAll(proxy: Deno.TcpListener, port: number): Promise<void> {
  for await (const client of proxy) {
    void relay(client, port).catch(() => client.close());
  }
}

async function relay(client: Deno.TcpConn, port: number): Promise<void> {
  const decoder = new TextDecoder();
  for (let head = "", buffer = new Uint8Array(4096); !head.includes("\r\n\r\n");) {
    const count = await client.read(buffer);
    if (count === null) return client.close();
    head += decoder.decode(buffer.subarray(0, count));
  }
  const server = await Deno.connect({ hostname: "127.0.0.1", port });
  await client.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n"));
  await Promise.allSettled([
    client.readable.pipeTo(server.writable),
    server.readable.pipeTo(client.writable),
  ]);
}
