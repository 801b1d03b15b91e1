import { VaultError } from "../../errors.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";
import type { Forge } from "./forge.ts";
import type { KeyFileContent } from "./pkcs12.ts";
import type { PrivateKey } from "./private_key.ts";

/** A certificate with its key and its chain to its authority. */
export interface CertificateIdentity {
  readonly certificate: Certificate;
  /** The intermediate certificates, from the first towards the authority, without the authority's own. */
  readonly chain: readonly Certificate[];
  readonly key: PrivateKey;
}

/**
 * Finds the one certificate that belongs to the one key among those given. `what` completes the
 * sentence `Cannot use …`. Throws `bad-config` for a certificate without its key, and for kinds of
 * key that Roles Anywhere does not accept.
 */
export async function pairUp(
  forge: Forge,
  { keys, certificates }: KeyFileContent,
  what: string,
): Promise<CertificateIdentity> {
  const bad = (why: string, hint?: string) =>
    new VaultError("bad-config", `Cannot use ${what}: ${why}`, { hints: hint ? [hint] : [] });
  const parsed = certificates.map((der) => parseCertificate(forge, der));
  if (parsed.length === 0) throw bad("there is no certificate in it");
  const [key, ...others] = keys;
  if (key === undefined) {
    throw bad("there is no private key for it", "Also name the file of its private key");
  }
  if (others.length > 0) throw bad(`there are ${keys.length} private keys`);
  if (key.algorithm === undefined) {
    throw bad("its private key is neither RSA nor of curve P-256 or P-384");
  }
  const publicOfKey = await publicPart(key.pkcs8, "pkcs8", key.algorithm).catch(() => {
    throw bad("its private key cannot be read");
  });
  for (const certificate of parsed) {
    if (await isOfKey(certificate, key, publicOfKey)) {
      return { certificate, chain: chainOf(certificate, parsed), key };
    }
  }
  throw bad("the private key is not that of the certificate");
}

async function isOfKey({ publicKey }: Certificate, key: PrivateKey, publicOfKey: string) {
  const { spki, algorithm } = publicKey;
  if (algorithm === undefined || algorithm !== key.algorithm) return false;
  return await publicPart(spki, "spki", algorithm).catch(() => "") === publicOfKey;
}

/** The common part of a private key and its public key, as JSON Web Key (RFC 7517). */
async function publicPart(
  bytes: Uint8Array<ArrayBuffer>,
  format: "pkcs8" | "spki",
  algorithm: NonNullable<PrivateKey["algorithm"]>,
): Promise<string> {
  const use = format === "spki" ? "verify" : "sign";
  const key = await crypto.subtle.importKey(format, bytes, parametersOf(algorithm), true, [use]);
  const { n, e, x, y } = await crypto.subtle.exportKey("jwk", key);
  return [n, e, x, y].join(" ");
}

/** WebCrypto's parameters of the keys that sign for Roles Anywhere. */
export function parametersOf(algorithm: NonNullable<PrivateKey["algorithm"]>) {
  return algorithm === "RSA"
    ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
    : { name: "ECDSA", namedCurve: algorithm };
}

/** From issuer to issuer, each once, without a self-signed one: that is the trust anchor's. */
function chainOf(leaf: Certificate, all: readonly Certificate[]): Certificate[] {
  const chain: Certificate[] = [];
  for (let last = leaf;;) {
    const next = all.find((one) =>
      one.subject === last.issuer && one.subject !== one.issuer && one !== leaf &&
      !chain.includes(one)
    );
    if (next === undefined) return chain;
    chain.push(next);
    last = next;
  }
}
