import assert from "node:assert/strict";
import { type CanonicalValue, encodeCanonically } from "./canonical.ts";
import { requestIdentity, roleIdentity, sessionIdentity } from "./identity.ts";

Deno.test("encodeCanonically() distinguishes what looks alike when it is joined", () => {
  const values: CanonicalValue[] = [
    "",
    "1",
    1,
    true,
    "true",
    undefined,
    [],
    {},
    [""],
    ["", ""],
    ["a", "b"],
    ["ab"],
    ["a,b"],
    ["a", ["b"]],
    [["a", "b"]],
    { a: "b" },
    { a: ["b"] },
    { ab: "" },
    { a: "b", c: "d" },
    { a: "bs1:cs1:d" },
    "s1:a",
    new Uint8Array(),
    new Uint8Array([0x31]),
  ];
  const seen = new Set(values.map((value) => encodeCanonically(value).toHex()));
  assert.equal(seen.size, values.length);
});

Deno.test("encodeCanonically() does not depend on the order of members, nor on absent ones", () => {
  assert.deepEqual(
    encodeCanonically({ b: 1, a: undefined, c: ["é"] }),
    encodeCanonically({ c: ["é"], b: 1 }),
  );
});

Deno.test("an identity changes with every setting of the request", async () => {
  const partition = "aws";
  const role = { action: "AssumeRole", source: "s", roleArn: "arn:aws:iam::1:role/r", partition };
  const identities = await Promise.all([
    requestIdentity({ source: { name: "work", generation: 0 } }),
    requestIdentity({ source: { name: "work", generation: 1 } }),
    requestIdentity({ source: { name: "work1", generation: 0 } }),
    sessionIdentity({ source: "s", partition }),
    sessionIdentity({ source: "t", partition }),
    sessionIdentity({ source: "s", partition, mfaSerial: "m" }),
    sessionIdentity({ source: "s", partition, isLegacyGlobal: true }),
    sessionIdentity({ source: "s", partition, endpointOverride: "http://localhost" }),
    sessionIdentity({ source: "s", partition: "aws-cn" }),
    roleIdentity(role),
    roleIdentity({ ...role, action: "AssumeRoleWithWebIdentity" }),
    roleIdentity({ ...role, source: "t" }),
    roleIdentity({ ...role, roleArn: "arn:aws:iam::2:role/r" }),
    roleIdentity({ ...role, accountId: "1" }),
    roleIdentity({ ...role, externalId: "e" }),
    roleIdentity({ ...role, policy: "{}" }),
    roleIdentity({ ...role, tags: [{ key: "a", value: "b" }] }),
    roleIdentity({ ...role, tags: [{ key: "a", value: "c" }] }),
    roleIdentity({ ...role, transitiveTagKeys: ["a"] }),
    roleIdentity({ ...role, sourceIdentity: "i" }),
    roleIdentity({ ...role, roleSessionName: "n" }),
    roleIdentity({ ...role, mfaSerial: "m" }),
    roleIdentity({ ...role, durationSeconds: 900 }),
    roleIdentity({ ...role, partition: "aws-cn" }),
    roleIdentity({ ...role, endpointOverride: "http://localhost" }),
    roleIdentity({ ...role, isLegacyGlobal: true }),
    requestIdentity({ ...role }),
  ]);
  assert.equal(new Set(identities).size, identities.length);
  for (const identity of identities) assert.match(identity, /^[0-9a-f]{64}$/);
});

Deno.test("roleIdentity() does not depend on the order of tags", async () => {
  const role = { action: "AssumeRole", source: "s", partition: "aws" };
  const a = { key: "a", value: "1" }, b = { key: "b", value: "2" };
  assert.equal(
    await roleIdentity({ ...role, tags: [a, b], transitiveTagKeys: ["a", "b"] }),
    await roleIdentity({ ...role, tags: [b, a], transitiveTagKeys: ["b", "a"] }),
  );
});
