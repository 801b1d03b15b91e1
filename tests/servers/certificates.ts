import { requireService, runs } from "../services.ts";

/** For `Deno.test`: whether {@linkcode makeCertificates} can work here. */
export function requireOpenssl(): { ignore: boolean } {
  return requireService("OpenSSL", runs("openssl", "version"), "apt-get install openssl");
}

/** A certificate authority of one test, and a server certificate of it for loopback. */
export interface TestCertificates {
  /** PEM. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Makes both with OpenSSL, valid for a day; the server's for further names as well. */
export async function makeCertificates(
  ...names: readonly string[]
): Promise<TestCertificates> {
  const folder = await Deno.makeTempDir();
  try {
    const openssl = (command: string) => runOpenssl(folder, command.split(" "));
    const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    await openssl(`req -x509 ${key} -keyout ca.key -out ca.pem -days 1 -subj /CN=test-authority`);
    await openssl(`req ${key} -keyout key.pem -out request.pem -subj /CN=localhost`);
    await Deno.writeTextFile(
      `${folder}/names`,
      `subjectAltName=${["localhost", ...names].map((name) => `DNS:${name}`)},IP:127.0.0.1\n` +
        "basicConstraints=CA:FALSE\n",
    );
    await openssl(
      "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile names -out cert.pem",
    );
    const read = (name: string) => Deno.readTextFile(`${folder}/${name}`);
    return {
      authority: await read("ca.pem"),
      certificate: await read("cert.pem"),
      key: await read("key.pem"),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runOpenssl(folder: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args, cwd: folder }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
