/** Every fault of the fake AWS on every call by which a source, or a task of the root user, gets credentials. */

import assert from "node:assert/strict";
import { type Finished, Home, NOT_ON_WINDOWS } from "../home.ts";
import { Authority } from "../roles_anywhere/authority.ts";
import { requireOpenssl } from "../servers/certificates.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import type { FaultKind } from "../servers/faults.ts";
import { PROVIDER } from "../servers/saml.ts";
import { requireService, runs } from "../services.ts";

const CURL = requireService("curl", runs("curl", "--version"), "apt install curl");
const ROLE = "arn:aws:iam::111122223333:role/deploy";

/** What goes wrong twice, and the third try succeeds. */
const SURVIVED: readonly FaultKind[] = [
  "throttle",
  "slow-down",
  "internal",
  "html-500",
  "html-200",
  "close",
  "cut-body",
  "empty-body",
  "lose-answer",
];

/** What does not end, with the exit code and what is said. */
const FOR_GOOD: readonly [FaultKind, number, number, RegExp][] = [
  ["throttle", 3, 5, /^error: AWS refused .*(?:Throttling|TooManyRequestsException)/m],
  ["internal", 3, 5, /^error: AWS refused .*Internal/m],
  ["html-500", 3, 1, /^error: Cannot read the answer of /m],
  ["html-200", 3, 1, /^error: Cannot read the answer of /m],
  ["close", 3, 1, /^error: 127\.0\.0\.1:\d+ did not answer /m],
  ["cut-body", 3, 1, /^error: The answer of .* was cut off/m],
  ["empty-body", 3, 1, /^error: Cannot read .*/m],
  ["deny", 1, 5, /^error: AWS refused .*(?:AccessDenied|ForbiddenException)/m],
];

interface Case {
  readonly action: string;
  readonly settings: (home: Home) => Promise<Record<string, string>> | Record<string, string>;
  /** Comes between the settings and the call. */
  readonly prepare?: (home: Home) => Promise<unknown>;
  readonly needs?: { readonly ignore: boolean };
  /** Kinds that are about something else for this call. */
  readonly without?: readonly FaultKind[];
}

const CASES: readonly Case[] = [
  {
    action: "CreateSession",
    needs: requireOpenssl(),
    settings: (home) => {
      using authority = new Authority();
      authority.issue("leaf");
      home.write("all.pem", authority.withChain("leaf") + authority.read("leaf.key"));
      return {
        ...home.aws.world.rolesAnywhere.setUp(authority.root, [ROLE]),
        rolesanywhere_certificate_file: `${home.path}/all.pem`,
      };
    },
  },
  {
    action: "AssumeRoleWithSAML",
    settings: (home) => {
      home.write("assertion", home.aws.samlAssertion({ roles: [ROLE] }));
      return { saml_process: `cat ${home.path}/assertion` };
    },
    // Its caller has no permissions yet that a policy could deny.
    without: ["deny"],
  },
  {
    action: "AssumeRoleWithWebIdentity",
    settings: (home) => {
      home.write("token", home.aws.webIdentityToken({ sub: "repo:a" }));
      return { web_identity_token_file: `${home.path}/token`, role_arn: ROLE };
    },
    without: ["deny"],
  },
  {
    action: "AssumeRoot",
    settings: () => ({
      aws_account_id: "444455556666",
      aws_vault_root_task_policy: "S3UnlockBucketPolicy",
    }),
    prepare: (home) => home.as("ann").succeed("add", "--env", "work"),
  },
  {
    // By refresh: the credentials of the first login have ended.
    action: "CreateOAuth2Token",
    needs: CURL,
    settings: (home) => {
      home.write("browser", '#!/bin/sh\nexec curl -sL "$1" > /dev/null\n', 0o700);
      home.env["AWS_VAULT_BROWSER"] = `${home.path}/browser`;
      return { login_session: "arn:aws:iam::111122223333:user/ann" };
    },
    prepare: async (home) => {
      const { code, stderr } = await home.start(["sso", "login", "work"]).finished;
      assert.equal(code, 0, stderr);
      home.clockOffsetMs = home.aws.world.clockOffsetMs = 20 * 60_000;
    },
    without: ["deny"],
  },
];

async function openHome({ settings, prepare }: Case): Promise<Home> {
  const trusts = ["rolesanywhere.amazonaws.com", PROVIDER];
  const roles = [{ name: "deploy", subjects: ["repo:a"], trusts }];
  const home = new Home(await startFakeAws({ users: [{ name: "ann" }], roles }));
  const lines = Object.entries(await settings(home)).map(([name, value]) => `${name} = ${value}\n`);
  home.write(".aws/config", `[profile work]\n${lines.join("")}`);
  await prepare?.(home);
  return home;
}

/** Where the program sleeps, no time passes. */
function exportAtOnce(home: Home): Promise<Finished> {
  return home.runOn(
    (host) => ({ ...host, clock: { ...host.clock, sleep: () => Promise.resolve() } }),
    "export",
    "--no-prompt",
    "--format=json",
    "work",
  );
}

for (const one of CASES) {
  const { action, needs, without = [] } = one;
  const options = { ...NOT_ON_WINDOWS, ...needs };
  Deno.test({
    ...options,
    name: `${action} survives every fault that comes twice`,
    async fn() {
      for (const kind of SURVIVED) {
        await using home = await openHome(one);
        home.aws.fault({ kind, action, times: 2 });
        const { code, stdout, stderr } = await exportAtOnce(home);
        assert.equal(code, 0, `${kind}: ${stderr}`);
        assert.match(JSON.parse(stdout).AccessKeyId, /^ASIA/);
      }
    },
  });
  Deno.test({
    ...options,
    name: `${action} fails with one error for every fault that does not end, and keeps nothing`,
    async fn() {
      for (const [kind, times, exit, said] of FOR_GOOD) {
        if (without.includes(kind)) continue;
        await using home = await openHome(one);
        home.aws.fault({ kind, action, times });
        const { code, stdout, stderr } = await exportAtOnce(home);
        assert.deepEqual([code, stdout], [exit, ""], `${kind}: ${stderr}`);
        assert.match(stderr, said, `${kind}: ${stderr}`);
        assert.equal(stderr.match(/^error: /gm)?.length, 1, stderr);
        assert.doesNotMatch(stderr, /\bat .*\.ts:/);
        // The next call is made, and succeeds.
        assert.equal((await exportAtOnce(home)).code, 0, kind);
      }
    },
  });
}
