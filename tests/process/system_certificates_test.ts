import assert from "node:assert/strict";
import { makeCertificates, requireOpenssl } from "../servers/certificates.ts";
import { denoDir } from "./deno_dir.ts";

const CHILD = new URL("./send_through_proxy.ts", import.meta.url).pathname;

/** What comes of two requests to a server of an unknown authority, the second of which trusts it. */
async function sendWith(env: (folder: string) => Record<string, string>): Promise<string[]> {
  const { authority, certificate, key } = await makeCertificates();
  const folder = await Deno.makeTempDir();
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", cert: certificate, key, onListen() {} },
    () => new Response("trusted"),
  );
  try {
    await Deno.writeTextFile(`${folder}/ca.pem`, authority);
    await Deno.writeTextFile(`${folder}/no.pem`, "no certificate\n");
    const { PATH = "" } = Deno.env.toObject();
    const url = `https://localhost:${server.addr.port}/`;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-prompt", CHILD, url, authority],
      clearEnv: true,
      env: { PATH, ...denoDir(), ...env(folder) },
    }).output();
    assert.notEqual(stdout.length, 0, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

// Where the system keeps them elsewhere, these variables say nothing.
const ONLY_ON_LINUX = Deno.build.os === "linux" ? requireOpenssl() : { ignore: true };

Deno.test("send() trusts what the system trusts", ONLY_ON_LINUX, async () => {
  assert.deepEqual(await sendWith((folder) => ({ SSL_CERT_FILE: `${folder}/ca.pem` })), [
    "200 trusted",
    "200 trusted",
  ]);
});

Deno.test(
  "send() trusts the usual authorities only where DENO_TLS_CA_STORE says so",
  ONLY_ON_LINUX,
  async () => {
    const env = (folder: string) => ({
      SSL_CERT_FILE: `${folder}/ca.pem`,
      DENO_TLS_CA_STORE: "mozilla",
    });
    assert.deepEqual(await sendWith(env), ["untrusted", "200 trusted"]);
  },
);

Deno.test(
  "send() trusts nobody where DENO_TLS_CA_STORE chooses certificates that are missing",
  ONLY_ON_LINUX,
  async () => {
    const env = (folder: string) => ({
      SSL_CERT_FILE: `${folder}/absent.pem`,
      DENO_TLS_CA_STORE: "system",
    });
    assert.deepEqual(await sendWith(env), ["untrusted", "untrusted"]);
  },
);

for (const [what, name] of [["missing", "absent.pem"], ["no certificates", "no.pem"]]) {
  Deno.test(
    `send() does without the system's certificates where they are ${what}`,
    ONLY_ON_LINUX,
    async () => {
      assert.deepEqual(
        await sendWith((folder) => ({ SSL_CERT_FILE: `${folder}/${name}` })),
        ["untrusted", "200 trusted"],
      );
    },
  );
}
