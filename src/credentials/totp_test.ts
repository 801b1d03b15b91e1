import assert from "node:assert/strict";
import { Secret } from "../secret.ts";
import { parseTotpSeed, renderTotpUri, totpCode, windowOf } from "./totp.ts";

/** The secret of RFC 6238's vectors for SHA-1, "12345678901234567890". */
const SEED = new Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");

Deno.test("totpCode() gives the codes of RFC 6238, appendix B", async () => {
  // The appendix has eight digits; six are their end (RFC 4226, section 5.3).
  const vectors = [
    [59, "94287082"],
    [1111111109, "07081804"],
    [1111111111, "14050471"],
    [1234567890, "89005924"],
    [2000000000, "69279037"],
    [20000000000, "65353130"],
  ] as const;
  const codes = vectors.map(async ([seconds]) => {
    const instant = Temporal.Instant.fromEpochMilliseconds(seconds * 1000);
    return (await totpCode(SEED, windowOf(instant))).reveal();
  });
  assert.deepEqual(await Promise.all(codes), vectors.map(([, digits]) => digits.slice(2)));
});

Deno.test("totpCode() takes a seed whose last bits do not fill a byte", async () => {
  // 17 characters are 85 bits: ten bytes, and five bits that are dropped.
  const codes = ["GEZDGNBVGY3TQOJQ", "GEZDGNBVGY3TQOJQA"].map((text) =>
    totpCode(new Secret(text), 1)
  );
  const [even, odd] = await Promise.all(codes);
  assert.equal(even!.reveal(), odd!.reveal());
});

Deno.test("parseTotpSeed() takes a seed as it is shown, and the line of a QR code", () => {
  const seed = SEED.reveal();
  const taken = [
    seed,
    `  ${seed.toLowerCase()}\r\n`,
    seed.replace(/.{4}/g, "$& "),
    seed.replace(/.{8}/g, "$&-"),
    `${seed}====`,
    renderTotpUri(SEED, "me", "111122223333").reveal(),
    `otpauth://totp/x?period=30&digits=6&algorithm=sha1&secret=${seed.toLowerCase()}`,
  ];
  assert.deepEqual(taken.map((text) => parseTotpSeed(new Secret(text))?.reveal()), [
    ...taken.map(() => seed),
  ]);
});

Deno.test("parseTotpSeed() refuses what is not a seed of AWS", () => {
  const seed = SEED.reveal();
  const refused = [
    "",
    "123456",
    "GEZDGNBVGY3TQOJ",
    `${seed}1`,
    `${seed}ß`,
    "otpauth://",
    "otpauth://totp/x",
    `otpauth://hotp/x?secret=${seed}`,
    `otpauth://totp/x?secret=${seed}&digits=8`,
    `otpauth://totp/x?secret=${seed}&period=60`,
    `otpauth://totp/x?secret=${seed}&algorithm=SHA256`,
    `https://totp/x?secret=${seed}`,
  ];
  assert.deepEqual(refused.map((text) => parseTotpSeed(new Secret(text))), [
    ...refused.map(() => undefined),
  ]);
});

Deno.test("renderTotpUri() names device and account, whatever their characters", () => {
  assert.equal(
    renderTotpUri(SEED, "a b&c", "111122223333").reveal(),
    `otpauth://totp/AWS:a%20b%26c@111122223333?secret=${SEED.reveal()}`,
  );
});
