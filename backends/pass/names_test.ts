import assert from "node:assert/strict";
import { AWKWARD_KEYS } from "../../tests/contract/keyring_contract.ts";
import { keyOfPassName, parsePrefix, passNameOf } from "./names.ts";

const NAMING = { prefix: "", extension: ".gpg" };

Deno.test("passNameOf() leaves ordinary names as they are, and marks the others", () => {
  const cases: [key: string, name: string][] = [
    ["work", "work"],
    ["team/prod admin", "team/prod admin"],
    ["100%", "100%"],
    ["team%2Fprod", "team%2Fprod"],
    [".hidden", ".hidden"],
    ["...", "..."],
    ["a-b", "a-b"],
    ["-f", "%aws-vault%-f"],
    ["..", "%aws-vault%.."],
    ["a/../b", "%aws-vault%a%2F..%2Fb"],
    ["oidc:https://x.example/start", "%aws-vault%oidc:https:%2F%2Fx.example%2Fstart"],
    ["/", "%aws-vault%%2F"],
    ["line\nend", "%aws-vault%line%0Aend"],
    [".git/config", "%aws-vault%.git%2Fconfig"],
    ["a.gpg/b", "%aws-vault%a.gpg%2Fb"],
    ["%aws-vault%-f", "%aws-vault%%25aws-vault%25-f"],
  ];
  for (const [key, name] of cases) {
    assert.equal(passNameOf(key, NAMING), name);
    assert.equal(keyOfPassName(name, NAMING), key);
  }
});

Deno.test("passNameOf() in a folder of its own takes a leading dash as it is", () => {
  assert.equal(passNameOf("-f", { prefix: "aws", extension: ".gpg" }), "-f");
});

Deno.test("passNameOf() gives every awkward key a name of its own, which gives the key", () => {
  const names = AWKWARD_KEYS.map((key) => passNameOf(key, NAMING));
  assert.equal(new Set(names).size, AWKWARD_KEYS.length);
  assert.deepEqual(names.map((name) => keyOfPassName(name, NAMING)), AWKWARD_KEYS);
});

Deno.test("keyOfPassName() knows files that are not a key's", () => {
  for (const name of ["%aws-vault%work", "%aws-vault%%2f", "%aws-vault%%", ".git/x", "a.gpg/b"]) {
    assert.equal(keyOfPassName(name, NAMING), undefined, name);
  }
});

Deno.test("passNameOf() refuses what no file can be named", () => {
  for (const key of ["", "\ud800", "x".repeat(252)]) {
    assert.throws(() => passNameOf(key, NAMING), { code: "unsupported" });
  }
  assert.equal(passNameOf("x".repeat(251), NAMING), "x".repeat(251));
});

Deno.test("parsePrefix() gives a folder inside the store", () => {
  assert.deepEqual(["", "aws", "/aws//vault/", "./a"].map(parsePrefix), [
    "",
    "aws",
    "aws/vault",
    "a",
  ]);
  for (const text of ["..", "a/../..", "-p"]) {
    assert.throws(() => parsePrefix(text), { code: "bad-usage" });
  }
});
