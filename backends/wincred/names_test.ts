import assert from "node:assert/strict";
import { encodedName, keyOfName, plainName } from "./names.ts";

Deno.test("plainName() is what aws-vault 7 calls a key", () => {
  assert.equal(plainName("work"), "aws-vault:aws-vault:work");
  assert.equal(plainName("a:b/größe *"), "aws-vault:aws-vault:a:b/größe *");
});

Deno.test("plainName() refuses what no credential can be named", () => {
  for (const key of ["", "a\0b", "x".repeat(9_000)]) {
    assert.throws(() => plainName(key), { code: "unsupported" });
  }
  assert.equal(plainName("x".repeat(8_000)).length, 8_020);
});

Deno.test("encodedName() differs in more than case", () => {
  assert.equal(encodedName("Wö"), "aws-vault:aws-vault-key:005700f6");
  for (const key of ["work", "Work", "größe", "日本語", "🔑", "\ud800", "a:b"]) {
    assert.equal(keyOfName(encodedName(key)), key);
    assert.equal(keyOfName(plainName(key)), key);
  }
});

Deno.test("keyOfName() takes no other names", () => {
  const others = [
    "aws-vault:aws-vault:",
    "aws-vault:aws-vault-key:",
    "aws-vault:aws-vault-key:00",
    "aws-vault:aws-vault-key:00zz",
    "AWS-VAULT:aws-vault:work",
    "aws-vault:other:work",
    "git:https://example.com",
  ];
  for (const name of others) assert.equal(keyOfName(name), undefined, name);
});
