import assert from "node:assert/strict";
import { MemoryFiles } from "../../tests/fakes/memory_host.ts";
import { VaultError } from "../errors.ts";
import { readCaBundle } from "./ca_bundle.ts";

const ONE = "-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n";
const TWO = "-----BEGIN CERTIFICATE-----\nCCCC\n-----END CERTIFICATE-----\n";

function read(content: string): string[] {
  return readCaBundle({ files: new MemoryFiles({ "/etc/ca.pem": content }) }, "/etc/ca.pem");
}

Deno.test("readCaBundle() splits a file into its certificates and drops the rest", () => {
  assert.deepEqual(read(`# issuer: x\n${ONE}subject: y\n${TWO}\n`), [ONE, TWO]);
  assert.deepEqual(read(ONE.replaceAll("\n", "\r\n"))[0]?.replaceAll("\r", ""), ONE);
});

for (
  const [content, reason] of [
    ["", "there are none"],
    ["-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "there are none"],
    [ONE + "-----BEGIN CERTIFICATE-----\nAAAA\n", "one of them is damaged"],
    [ONE.replace("BBBB", "B?BB"), "one of them is damaged"],
  ] as const
) {
  Deno.test(`readCaBundle() refuses ${JSON.stringify(content)}`, () => {
    assert.throws(() => read(content), (error) => {
      assert(error instanceof VaultError);
      assert.deepEqual([error.code, error.message], [
        "bad-config",
        `Cannot use the certificates in "/etc/ca.pem": ${reason}`,
      ]);
      return true;
    });
  });
}

Deno.test("readCaBundle() says which file is missing, and which setting named it", () => {
  assert.throws(() => readCaBundle({ files: new MemoryFiles({}) }, "/none.pem"), (error) => {
    assert(error instanceof VaultError);
    assert.deepEqual([error.code, error.message, error.hints], [
      "file-failed",
      'Cannot read the certificates in "/none.pem": no such file',
      ["ca_bundle or AWS_CA_BUNDLE names this file"],
    ]);
    return true;
  });
});
