import assert from "node:assert/strict";
import { compactDecrypt, CompactEncrypt } from "jose";
import vectors from "../../tests/vectors/jwe_go_keyring.json" with { type: "json" };
import { systemRandom } from "../../src/system/random.ts";
import { looksLikeJwe } from "./store.ts";
import {
  deriveKek,
  importKek,
  JweFailure,
  newSealingKey,
  openJwe,
  publicNameOf,
  sealJwe,
} from "./jwe.ts";
import { fileNameOf } from "./names.ts";
import { decodeItem } from "../item.ts";

const PASSPHRASE = "pässwörd";
const bytes = (text: string) => new TextEncoder().encode(text);
const kekOf = (passphrase: string) => (salt: Uint8Array, rounds: number) =>
  deriveKek(passphrase, salt, rounds);
const open = async (jwe: string, passphrase = PASSPHRASE) =>
  new TextDecoder().decode(await openJwe(jwe, kekOf(passphrase)));

/** As another program might write it, with few rounds. */
function seal(header: Record<string, unknown> = {}, p2c = 1000): Promise<string> {
  return new CompactEncrypt(bytes("payload"))
    .setProtectedHeader({ alg: "PBES2-HS256+A128KW", enc: "A256GCM", ...header })
    .setKeyManagementParameters({ p2c })
    .encrypt(bytes(PASSPHRASE));
}

/** The JWE with its header changed; it opens no more, but that comes later than reading the header. */
async function withHeader(changes: Record<string, unknown>): Promise<string> {
  const [header, ...rest] = (await seal()).split(".");
  const decoded = Uint8Array.fromBase64(header!, { alphabet: "base64url" });
  const value = { ...JSON.parse(new TextDecoder().decode(decoded)), ...changes };
  const encoded = bytes(JSON.stringify(value))
    .toBase64({ alphabet: "base64url", omitPadding: true });
  return [encoded, ...rest].join(".");
}

for (const vector of vectors.vectors) {
  Deno.test(`openJwe() reads ${vector.what}, written by the Go library`, async () => {
    const item = await open(vector.jwe, vector.passphrase);
    assert.equal(decodeItem(item, vector.key).toBase64(), vector.data);
    assert.equal(fileNameOf(vector.key, "linux"), vector.file);
  });
}

Deno.test("openJwe() reads what jose writes, and jose what sealJwe() writes", async () => {
  assert.equal(await open(await seal({ created: "x" })), "payload");
  const random = systemRandom();
  const jwe = await sealJwe(random, "payload", await newSealingKey(random, kekOf(PASSPHRASE)), {
    created: Temporal.Instant.from("2026-03-01T12:00:00.5Z"),
    publicName: "0123456789abcdef",
  });
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, bytes(PASSPHRASE), {
    keyManagementAlgorithms: ["PBES2-HS256+A128KW"],
    maxPBES2Count: 600_000,
  });
  assert.equal(new TextDecoder().decode(plaintext), "payload");
  const { p2s, ...header } = protectedHeader;
  assert.deepEqual(header, {
    alg: "PBES2-HS256+A128KW",
    enc: "A256GCM",
    created: "2026-03-01 12:00:00.500000000 +0000 UTC",
    p2c: 600_000,
    "aws-vault-name": "0123456789abcdef",
  });
  assert.equal(publicNameOf(jwe), "0123456789abcdef");
  assert.equal(typeof p2s, "string");
  assert.equal(await open(jwe), "payload");
  assert.equal(looksLikeJwe(jwe), true);
});

Deno.test("openJwe() takes a key-encryption key that was kept, without the passphrase", async () => {
  const jwe = await seal();
  let kept = new Uint8Array();
  await openJwe(jwe, async (salt, rounds) => {
    const kek = await deriveKek(PASSPHRASE, salt, rounds);
    kept = new Uint8Array(await crypto.subtle.exportKey("raw", kek));
    return kek;
  });
  assert.equal(kept.length, 16);
  assert.equal(new TextDecoder().decode(await openJwe(jwe, () => importKek(kept))), "payload");
});

Deno.test("openJwe() distinguishes a wrong passphrase from a changed content", async () => {
  const jwe = await seal();
  await assert.rejects(open(jwe, "other"), { name: "JweFailure", kind: "wrong-key" });
  await assert.rejects(open(jwe, ""), { name: "JweFailure", kind: "wrong-key" });
  const [header, key, nonce, content, tag] = jwe.split(".") as [
    string,
    string,
    string,
    string,
    string,
  ];
  const flip = (part: string) => (part[0] === "A" ? "B" : "A") + part.slice(1);
  for (
    const changed of [
      [header, key, flip(nonce), content, tag],
      [header, key, nonce, flip(content), tag],
      [header, key, nonce, content, flip(tag)],
    ]
  ) {
    await assert.rejects(open(changed.join(".")), { name: "JweFailure", kind: "tampered" });
  }
});

Deno.test("openJwe() binds the header to the content", async () => {
  await assert.rejects(open(await withHeader({ created: "later" })), { kind: "tampered" });
});

Deno.test("openJwe() refuses every other form before any work is done for it", async () => {
  const refused: [what: string, jwe: string][] = [
    ["too many rounds (CVE-2023-50658)", await withHeader({ p2c: 2_000_001 })],
    ["hardly any rounds", await withHeader({ p2c: 999 })],
    ["half a round", await withHeader({ p2c: 1000.5 })],
    ["rounds as a text", await withHeader({ p2c: "1000" })],
    ["no rounds", await withHeader({ p2c: undefined })],
    ["no salt", await withHeader({ p2s: undefined })],
    ["a short salt", await withHeader({ p2s: "AAAA" })],
    ["compression (CVE-2025-63811)", await withHeader({ zip: "DEF" })],
    ["a critical extension", await withHeader({ crit: ["x"] })],
    ["another key algorithm", await withHeader({ alg: "PBES2-HS512+A256KW" })],
    ["no key algorithm", await withHeader({ alg: "none" })],
    ["another content algorithm", await withHeader({ enc: "A128CBC-HS256" })],
    ["nothing", ""],
    ["forty bytes", "x".repeat(40)],
    ["four parts", (await seal()).split(".").slice(0, 4).join(".")],
    ["a cut end", (await seal()).slice(0, -5)],
    ["six parts", await seal() + ".x"],
    ["a header that is not JSON", "bm8" + (await seal()).replace(/^[^.]*/, "")],
    ["a header that is a list", "W10" + (await seal()).replace(/^[^.]*/, "")],
    ["other letters", (await seal()).replace(/.$/, "*")],
  ];
  for (const [what, jwe] of refused) {
    let asked = false;
    const attempt = openJwe(jwe, (salt, rounds) => {
      asked = true;
      return deriveKek(PASSPHRASE, salt, rounds);
    });
    await assert.rejects(attempt, (error) => {
      assert.ok(error instanceof JweFailure, what);
      assert.equal(error.kind, "malformed", what);
      return true;
    });
    assert.equal(asked, false, what);
  }
});

Deno.test("openJwe() allows a line end that an editor has added", async () => {
  assert.equal(await open(await seal() + "\n"), "payload");
});

Deno.test("looksLikeJwe() knows other files from items", () => {
  for (const text of ["", "x".repeat(40), "Bud1\0\0", "a.b.c.d.e", "{}"]) {
    assert.equal(looksLikeJwe(text), false);
  }
});
