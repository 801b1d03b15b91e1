/** A key to which tokens are bound, and proofs of its possession (RFC 9449, DPoP; ES256). */

import type { ProveKey } from "../aws/signin.ts";
import type { TalkingHost } from "../talk.ts";
import { Secret } from "../secret.ts";

/** A new key pair, as the JSON of its private JWK. */
export async function makeProofKey(): Promise<Secret> {
  const { exportJWK, generateKeyPair } = await import("jose");
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const { kty, crv, x, y, d } = await exportJWK(privateKey);
  return new Secret(JSON.stringify({ kty, crv, x, y, d }));
}

/** Makes proofs with a key: claims and header are exactly those of the AWS CLI, because AWS compares them. */
export function proverOf(host: Pick<TalkingHost, "clock" | "random">, key: Secret): ProveKey {
  const { d, ...jwk } = JSON.parse(key.reveal());
  return async ({ method, url }) => {
    const { importJWK, SignJWT } = await import("jose");
    const jti = randomUuid(host);
    const iat = Math.floor(host.clock.now().epochMilliseconds / 1000);
    return await new SignJWT({ htm: method, htu: url, iat, jti })
      .setProtectedHeader({ typ: "dpop+jwt", alg: "ES256", jwk })
      .sign(await importJWK({ ...jwk, d }, "ES256"));
  };
}

/** RFC 9562, 5.4: version 4. */
function randomUuid({ random }: Pick<TalkingHost, "random">): string {
  const bytes = random.bytes(16);
  bytes[6] = bytes[6]! & 0x0f | 0x40;
  bytes[8] = bytes[8]! & 0x3f | 0x80;
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
