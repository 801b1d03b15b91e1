/** A certificate authority of a test, made by OpenSSL: a root, an issuer below it, and certificates of that. */

import { makeFolder } from "../folder.ts";

/** The kinds of key that certificates are made with. */
export const KEYS = {
  "RSA": "rsa:2048",
  "P-256": "ec -pkeyopt ec_paramgen_curve:prime256v1",
  "P-384": "ec -pkeyopt ec_paramgen_curve:secp384r1",
  "Ed25519": "ed25519",
} as const;

/** How a certificate is made. */
export interface LeafSpec {
  readonly key?: keyof typeof KEYS;
  /** By when it ends, from now; negative: it has ended. */
  readonly days?: number;
  readonly serial?: string;
}

/** One authority; its files are in `folder`. */
export class Authority implements Disposable {
  readonly folder = makeFolder();

  constructor() {
    const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    this.openssl(`req -x509 ${key} -keyout root.key -out root.pem -days 30 -subj /CN=root`);
    this.openssl(`req ${key} -keyout issuer.key -out issuer.csr -subj /CN=issuer`);
    const ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";
    Deno.writeTextFileSync(`${this.folder}/ca.ext`, ca);
    const leaf = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n";
    Deno.writeTextFileSync(`${this.folder}/leaf.ext`, leaf);
    const by = "-CA root.pem -CAkey root.key -CAcreateserial";
    this.openssl(`x509 -req -in issuer.csr ${by} -days 30 -extfile ca.ext -out issuer.pem`);
  }

  /** The root, in PEM. */
  get root(): string {
    return this.read("root.pem");
  }

  /** Makes `NAME.key` (PKCS#8) and `NAME.pem`, signed by the issuer. */
  issue(name: string, { key = "P-256", days = 20, serial }: LeafSpec = {}): void {
    this.openssl(
      `req -newkey ${KEYS[key]} -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`,
    );
    const by = `-CA issuer.pem -CAkey issuer.key ${
      serial === undefined ? "-CAcreateserial" : `-set_serial ${serial}`
    }`;
    this.openssl(
      `x509 -req -in ${name}.csr ${by} -days ${days} -extfile leaf.ext -out ${name}.pem`,
    );
  }

  /** The certificate with what leads to the root behind it. */
  withChain(name: string): string {
    return this.read(`${name}.pem`) + this.read("issuer.pem") + this.root;
  }

  openssl(command: string, input = ""): void {
    const child = new Deno.Command("sh", {
      args: ["-c", `printf %s "$1" | openssl ${command}`, "sh", input],
      cwd: this.folder,
    });
    const { success, stderr } = child.outputSync();
    if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
  }

  read(name: string): string {
    return Deno.readTextFileSync(`${this.folder}/${name}`);
  }

  path(name: string): string {
    return `${this.folder}/${name}`;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}
