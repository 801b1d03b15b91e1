import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { openKeyHome } from "./key_home.ts";

const OWN_KEYS = [
  "iam:CreateAccessKey",
  "iam:UpdateAccessKey",
  "iam:DeleteAccessKey",
  "iam:ListAccessKeys",
];

const CONFIG = `[profile work]
mfa_serial = arn:aws:iam::111122223333:mfa/work
mfa_process = {home}/next-code

[profile admin]
source_profile = work
role_arn = arn:aws:iam::111122223333:role/admin
`;

const ROLE_CONFIG = `[profile work]

[profile admin]
source_profile = work
role_arn = arn:aws:iam::111122223333:role/admin
`;

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "rotate with MFA shows one code, also when it is resumed before the key changed",
  async fn() {
    await using home = await openKeyHome({
      user: { mfa: [{ codes: ["111111", "222222"] }], denyWithoutMfa: OWN_KEYS },
      config: CONFIG,
      codes: ["111111", "222222"],
    });
    home.aws.fault({ kind: "hang-after", action: "CreateAccessKey" });
    await home.killWhileHanging("rotate", "work");
    await home.assertUsable();
    await home.assertResumes();
    assert.deepEqual(home.codesLeft(), ["222222"]);
  },
});

for (const action of ["UpdateAccessKey", "DeleteAccessKey"]) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `rotate with MFA killed at ${action} goes on with the new key's session`,
    async fn() {
      await using home = await openKeyHome({
        user: { mfa: [{ codes: ["111111", "222222"] }], denyWithoutMfa: OWN_KEYS },
        config: CONFIG,
        codes: ["111111", "222222"],
      });
      home.aws.fault({ kind: "hang-after", action });
      await home.killWhileHanging("rotate", "work");
      await home.assertUsable();
      await home.assertResumes();
      assert.deepEqual(home.codesLeft(), []);
    },
  });
}

for (const action of ["CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"]) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `rotate through a role killed at ${action} is resumed through it, by either name`,
    async fn() {
      await using home = await openKeyHome({
        user: { deny: OWN_KEYS },
        roles: [{ name: "admin" }],
        config: ROLE_CONFIG,
      });
      home.aws.fault({ kind: "hang-after", action });
      await home.killWhileHanging("rotate", "admin");
      await home.assertUsable();
      await home.assertResumes();
      const iam = home.aws.calls.filter((call) => call.service === "iam");
      assert.deepEqual(
        new Set(iam.map((call) => call.principal.split("/")[1])),
        new Set(["admin"]),
      );
    },
  });
}
