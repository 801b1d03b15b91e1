import assert from "node:assert/strict";
import {
  createDecipheriv,
  createDiffieHellman,
  createDiffieHellmanGroup,
  hkdfSync,
} from "node:crypto";
import type { Host } from "../../src/host.ts";
import { NativeFailure } from "../../src/native.ts";
import { openSession, type ServiceCall } from "./open_session.ts";
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

Deno.test("beginKeyExchange() has a public key that KWallet 6 reads alike", () => {
  for (const exponent of [2183, 2161, 1455, 1453, 1106]) {
    const first = Uint8Array.fromHex(exponent.toString(16).padStart(64, "0"));
    const { publicKey } = beginKeyExchange({ bytes: () => first, fraction: () => 0 });
    assert.ok(publicKey[0]! >= 0x01 && publicKey[0]! <= 0x7f, publicKey.toHex().slice(0, 4));
  }
});

/** Public keys with which the shared number of this exponent begins with a zero byte, or does not. */
function* theirKeys(exponent: bigint, isShort: boolean): Generator<Uint8Array> {
  const prime = createDiffieHellmanGroup("modp2").getPrime();
  const ours = createDiffieHellman(prime);
  ours.setPrivateKey(exponent.toString(16).padStart(256, "0"), "hex");
  for (let number = 2; number < 10_000; number++) {
    const theirs = Uint8Array.of(number >> 8, number & 0xff);
    const shared = ours.computeSecret(theirs);
    if ((shared.length < 128 || shared[0] === 0) === isShort) yield theirs;
  }
}

Deno.test("openSession() opens another one where the shared number begins with a zero byte", async () => {
  const { privateKey } = beginKeyExchange(countingRandom());
  const [short] = theirKeys(privateKey, true), [long] = theirKeys(privateKey, false);
  const theirs = [short, short, long];
  const calls: string[] = [];
  const call: ServiceCall = (_, __, method) => {
    calls.push(method);
    return Promise.resolve(method === "Close" ? [] : [theirs.shift()!, `/session/${calls.length}`]);
  };
  const always: Host["random"] = {
    bytes: (count) => countingRandom().bytes(count),
    fraction: () => 0.5,
  };
  const session = await openSession(call, always);
  assert.deepEqual(calls, ["OpenSession", "Close", "OpenSession", "Close", "OpenSession"]);
  assert.equal(session.path, "/session/5");
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
