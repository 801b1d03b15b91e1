/** What is wrong with a profile, a certificate or a clock: one clear error each, and no call that cannot succeed. */

import assert from "node:assert/strict";
import { requireOpenssl } from "../servers/certificates.ts";
import { AnywhereHome } from "./anywhere_home.ts";

const EXPORT = ["export", "--format=json", "work"];
const CALL = "CreateSession backup by certificate";

/** What is wrong, by name: the change, the exit code, the first line. */
const WRONG: Record<string, [(home: AnywhereHome) => void, number, RegExp]> = {
  "no role": [
    (home) => home.configure({ role_arn: undefined }),
    1,
    /^error: Cannot get credentials for profile "work": it has no role_arn\nhint: /,
  ],
  "no trust anchor": [
    (home) => home.configure({ rolesanywhere_trust_anchor_arn: undefined }),
    1,
    /: it has no rolesanywhere_trust_anchor_arn\nhint: Set it to arn:aws:rolesanywhere:REGION/,
  ],
  "both ARNs changed for each other": [
    (home) =>
      home.configure({
        rolesanywhere_trust_anchor_arn: home.settings["rolesanywhere_profile_arn"],
      }),
    1,
    /: rolesanywhere_trust_anchor_arn = arn:.* is not its ARN\nhint: Write /,
  ],
  "a trust anchor in a region that does not exist": [
    (home) => {
      delete home.env["AWS_ENDPOINT_URL"];
      home.configure({
        rolesanywhere_trust_anchor_arn: "arn:aws:rolesanywhere:moon-1:111122223333:trust-anchor/a",
        rolesanywhere_certificate_file: `${home.path}/cert.pem`,
        rolesanywhere_private_key_file: `${home.path}/key.pem`,
      });
    },
    1,
    /^error: Cannot choose an endpoint of Roles Anywhere: "moon-1" is not a region\nhint: /,
  ],
  "a key without its certificate": [
    (home) => home.configure({ rolesanywhere_private_key_file: "/key.pem" }),
    1,
    /: it has no rolesanywhere_certificate_file for the file "\/key\.pem"\nhint: /,
  ],
  "a certificate without its key": [
    (home) => home.useFiles("cert.pem"),
    1,
    /^error: Cannot use the certificate ".*": there is no private key for it\nhint: Also name the file/,
  ],
  "a file that does not exist": [
    (home) => home.useFiles("none.pem"),
    1,
    /^error: Cannot use the file ".*none.pem": there is no such file\n$/,
  ],
  "a file of something else": [
    (home) => {
      home.write("text.pem", "\x1b[31mnot a certificate");
      home.useFiles("text.pem");
    },
    1,
    /^error: Cannot use the file ".*": there is neither a certificate nor a private key in it\nhint/,
  ],
  "a certificate that has expired": [
    (home) => {
      home.authority.issue("ended", { days: -1 });
      home.take("ended.pem");
      home.take("ended.key");
      home.useFiles("ended.pem", "ended.key");
    },
    1,
    /^error: Cannot get credentials for profile "work": its certificate expired at .*Z\nhint: Request/,
  ],
  "nothing stored": [
    () => {},
    3,
    /^error: .* no certificate is stored for it\nhint: Store one: aws-vault add --certificate cert/,
  ],
  "a certificate of another authority": [
    (home) => {
      home.authority.openssl(
        "req -x509 -key leaf.key -subj /CN=self -days 20 -addext basicConstraints=CA:FALSE -out self.pem",
      );
      home.take("self.pem");
      home.useFiles("self.pem", "key.pem");
    },
    5,
    /^error: AWS refused CreateSession for role ".*": AccessDeniedException: Untrusted certificate/,
  ],
  "a policy, which no call takes": [
    (home) => home.configure({ aws_vault_policy_arns: "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
    1,
    /^error: Cannot narrow .*: rolesanywhere.CreateSession takes no session policy\nhint: Assume a/,
  ],
};

for (const [name, [change, code, said]] of Object.entries(WRONG)) {
  Deno.test({
    ...requireOpenssl(),
    name: `Roles Anywhere and ${name}`,
    async fn() {
      await using home = await AnywhereHome.with();
      change(home);
      const run = await home.run(...EXPORT);
      assert.match(run.stderr, said);
      assert.deepEqual([run.code, run.stdout], [code, ""], run.stderr);
      assert.equal(run.stderr.match(/^error: /gm)?.length, 1, run.stderr);
      assert.doesNotMatch(run.stderr, /\bat .*\.ts:/);
      assert(!run.stderr.includes("\x1b"), run.stderr);
      if (code !== 5) assert.deepEqual(home.aws.takeCalls(), []);
    },
  });
}

Deno.test({
  ...requireOpenssl(),
  name: "a clock that is wrong is corrected by AWS's time, and what is signed again is accepted",
  async fn() {
    await using home = await AnywhereHome.with();
    home.useFiles("cert.pem", "key.pem");
    home.aws.world.clockOffsetMs = 20 * 60_000;
    const { stderr } = await home.succeed(...EXPORT);
    assert.match(stderr, /^warning: This machine's clock is 20 minutes behind AWS's/);
    assert.deepEqual(home.aws.takeCalls(), [
      "CreateSession backup by nobody -> 403 InvalidSignatureException",
      CALL,
    ]);
  },
});

Deno.test({
  ...requireOpenssl(),
  name: "a changed certificate file is another certificate, and a run without prompts asks nobody",
  async fn() {
    await using home = await AnywhereHome.with();
    home.useFiles("cert.pem", "key.pem");
    await home.succeed("export", "--no-prompt", "--format=json", "work");
    home.authority.issue("leaf");
    home.write("cert.pem", home.authority.withChain("leaf"));
    home.write("key.pem", home.authority.read("leaf.key"));
    await home.succeed("export", "--no-prompt", "--format=json", "work");
    assert.deepEqual(home.aws.takeCalls(), [CALL, CALL]);
    const explained = await home.succeed("explain", "work");
    assert.match(
      explained.stdout,
      /^Profile "work" starts with the certificate ".*cert.pem", which CreateSession of Roles Anywhere exchanges for role arn:aws:iam::111122223333:role\/backup$/m,
    );
  },
});
