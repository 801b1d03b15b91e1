/**
 * Signature Version 4 with the key of a certificate (IAM Roles Anywhere User Guide, "The IAM Roles Anywhere
 * authentication signing process"): the canonical request is that of SigV4, the string to sign names the
 * algorithm, and the private key itself signs it.
 */

/** The signer: a certificate, its key and the chain to its authority, each in DER. */
export interface X509Signer {
  /** In decimal digits. */
  readonly serial: string;
  readonly certificate: Uint8Array;
  readonly chain: readonly Uint8Array[];
  /** For RSASSA-PKCS1-v1_5 with SHA-256, or for ECDSA. */
  readonly key: CryptoKey;
}

/** A POST request to sign. */
export interface X509Request {
  readonly url: string;
  readonly body: string;
  readonly region: string;
  readonly now: Temporal.Instant;
}

const SERVICE = "rolesanywhere";

/** The headers of a request, including `authorization`. */
export async function signWithCertificate(
  request: X509Request,
  signer: X509Signer,
): Promise<Record<string, string>> {
  const { host } = new URL(request.url);
  const date = request.now.toString({ smallestUnit: "second" }).replaceAll(/[-:]/g, "");
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "x-amz-date": date,
    "x-amz-x509": signer.certificate.toBase64(),
    ...signer.chain.length > 0 &&
      { "x-amz-x509-chain": signer.chain.map((one) => one.toBase64()).join(",") },
  };
  const signed = Object.entries({ ...headers, host }).sort(([a], [b]) => a < b ? -1 : 1);
  const names = signed.map(([name]) => name).join(";");
  const algorithm = `AWS4-X509-${signer.key.algorithm.name === "ECDSA" ? "ECDSA" : "RSA"}-SHA256`;
  const scope = `${date.slice(0, 8)}/${request.region}/${SERVICE}/aws4_request`;
  const canonical = await canonicalRequest(request, signed, names);
  const text = [algorithm, date, scope, await sha256(canonical)].join("\n");
  const signature = await sign(signer.key, text);
  return {
    ...headers,
    authorization: `${algorithm} Credential=${signer.serial}/${scope}, ` +
      `SignedHeaders=${names}, Signature=${signature.toHex()}`,
  };
}

async function canonicalRequest(
  { url, body }: X509Request,
  headers: readonly (readonly [string, string])[],
  names: string,
): Promise<string> {
  return [
    "POST",
    new URL(url).pathname,
    "",
    ...headers.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    await sha256(body),
  ].join("\n");
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(hash).toHex();
}

async function sign(key: CryptoKey, text: string): Promise<Uint8Array> {
  const data = new TextEncoder().encode(text);
  const isEcdsa = key.algorithm.name === "ECDSA";
  const algorithm = isEcdsa ? { name: "ECDSA", hash: "SHA-256" } : "RSASSA-PKCS1-v1_5";
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, key, data));
  return isEcdsa ? toDer(signature) : signature;
}

/** WebCrypto concatenates r and s (IEEE P1363); AWS expects a DER sequence of both (RFC 3279, 2.2.3). */
function toDer(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const parts = [signature.subarray(0, half), signature.subarray(half)].map(integer);
  return Uint8Array.from([0x30, parts[0]!.length + parts[1]!.length, ...parts.flat()]);
}

/** A non-negative DER integer: no superfluous leading zero byte, but one if the first bit is set. */
function integer(bytes: Uint8Array): number[] {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? [0] : [...bytes.subarray(first)];
  if (digits[0]! >= 0x80) digits.unshift(0);
  return [2, digits.length, ...digits];
}
