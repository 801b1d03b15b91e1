import assert from "node:assert/strict";
import { createDecipheriv, createDiffieHellmanGroup, hkdfSync } from "node:crypto";
import type { Host } from "../../src/host.ts";
import { NativeFailure } from "../../src/native.ts";
import { beginKeyExchange, finishKeyExchange, SecretServiceSession } from "./session.ts";

/** Numbers that differ from call to call, the same in every run. */
function countingRandom(): Host["random"] {
  let next = 1;
  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => next = next * 75 % 65_537),
    fraction: () => 0.5,
  };
}

Deno.test("finishKeyExchange() arrives at the key that OpenSSL arrives at", async () => {
  for (let round = 0; round < 20; round++) {
    // RFC 2409's second group is called modp2 there.
    const service = createDiffieHellmanGroup("modp2");
    const theirPublicKey = new Uint8Array(service.generateKeys());
    const random = countingRandom();
    const exchange = beginKeyExchange(random);
    const key = await finishKeyExchange(exchange, theirPublicKey);
    // One in 256 has to be opened again.
    if (key === undefined) continue;
    const session = new SecretServiceSession("/session/1", key, random);
    const data = new TextEncoder().encode("a secret of any length");
    const sent = await session.encrypt(data, "application/json");
    const [path, iv, encrypted, contentType] = sent as [string, Uint8Array, Uint8Array, string];

    // The shared number is as long as the prime, zeros in front.
    const shared = new Uint8Array(128);
    const secret = service.computeSecret(exchange.publicKey);
    shared.set(secret, 128 - secret.length);
    const theirKey = new Uint8Array(hkdfSync("sha256", shared, "", "", 16));
    const decipher = createDecipheriv("aes-128-cbc", theirKey, iv);
    const received = [...decipher.update(encrypted), ...decipher.final()];
    assert.deepEqual(
      { path, contentType, length: iv.length, data: Uint8Array.from(received) },
      { path: "/session/1", contentType: "application/json", length: 16, data },
    );
    assert.deepEqual(await session.decrypt(sent), data);
  }
});

Deno.test("finishKeyExchange() refuses a key that makes the shared number a known one", async () => {
  const exchange = beginKeyExchange(countingRandom());
  const prime = new Uint8Array(createDiffieHellmanGroup("modp2").getPrime());
  const belowPrime = prime.with(127, prime[127]! - 1);
  for (const bad of [new Uint8Array(), Uint8Array.of(0), Uint8Array.of(1), belowPrime, prime]) {
    await assert.rejects(() => finishKeyExchange(exchange, bad), NativeFailure);
  }
});

Deno.test("decrypt() refuses what is not a secret of the session", async () => {
  const random = countingRandom();
  const exchange = beginKeyExchange(random);
  const key = await finishKeyExchange(exchange, beginKeyExchange(random).publicKey);
  const session = new SecretServiceSession("/session/1", key!, random);
  const iv = random.bytes(16);
  const bad = [undefined, "text", [], ["/", iv], ["/", iv, random.bytes(15), ""], [
    "/",
    iv,
    iv,
    "",
  ]];
  for (const secret of bad) {
    await assert.rejects(() => session.decrypt(secret), NativeFailure);
  }
});
