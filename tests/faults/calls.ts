/** Every call by which a source gets credentials, with what leads to it: the rows of the table of faults. */

import { Authority } from "../roles_anywhere/authority.ts";
import { requireOpenssl } from "../servers/certificates.ts";
import { RUNNER_BEARER } from "../servers/runner.ts";
import type { FaultKind } from "../servers/faults.ts";
import { requireService, runs } from "../services.ts";
import { CONFIG } from "../sso/sso_home.ts";
import { type FaultHome, ROLE } from "./fault_home.ts";

const CURL = requireService("curl", runs("curl", "--version"), "apt install curl");

/** One call. */
export interface Call {
  /** Of the fake AWS. */
  readonly action: string;
  /** What it is for, where one action serves several. */
  readonly by?: string;
  /** The command line that makes the call. */
  readonly words: readonly string[];
  /** Leads up to the call. */
  prepare(home: FaultHome): void | Promise<unknown>;
  readonly needs?: { readonly ignore: boolean };
  /** How the error names the call; by the action's name by default. */
  readonly named?: RegExp;
  /** Exit codes that differ from {@linkcode EXITS}. */
  readonly exits?: Partial<Record<FaultKind, Exits>>;
}

/** The exit code where a fault comes twice and then no more, and where it does not end. */
export type Exits = readonly [twice: number, lasting: number];

/** What comes of each kind, for most calls; `undefined`: the kind is about another service's call. */
export const EXITS: Readonly<Record<FaultKind, Exits | undefined>> = {
  throttle: [0, 5],
  "slow-down": [0, 5],
  internal: [0, 5],
  "html-500": [0, 1],
  "html-200": [0, 1],
  "cut-body": [0, 1],
  "empty-body": [0, 1],
  "lose-answer": [0, 1],
  close: [0, 1],
  hang: [0, 1],
  "hang-after": [0, 1],
  "hang-instead": [0, 1],
  delay: [0, 0],
  deny: [5, 5],
  refuse: [5, 5],
  // Of CreateAccessKey: tests/rotation.
  "known-key": undefined,
};

/** The first of two tries has used up a code. */
const CODE_IS_LOST = {
  "cut-body": [5, 1],
  "empty-body": [5, 5],
  "lose-answer": [5, 1],
  "hang-after": [5, 5],
} as const;

/** A status of a machine's own service is its refusal. */
const BY_STATUS = { "html-500": [0, 5] } as const;

const MACHINE = /credentials of this machine|http:\S+: it is not a token/;

const EXPORT = ["export", "--no-prompt", "--format=json", "work"];
const LOGIN_BY_CODE = ["sso", "login", "--sso-device-code"];
const LOGIN = ["sso", "login"];

const configureSso = (home: FaultHome) => home.write(".aws/config", CONFIG);

/** Somebody has signed in to Identity Center. */
async function signIn(home: FaultHome): Promise<void> {
  configureSso(home);
  await home.succeed(...LOGIN_BY_CODE);
}

const storeKey = (settings: Readonly<Record<string, string>>) => async (home: FaultHome) => {
  home.configure(settings);
  await home.as("ann").succeed("add", "--env", "work");
};

function configureLoginSession(home: FaultHome): void {
  home.openBrowser();
  home.configure({ login_session: "arn:aws:iam::111122223333:user/ann" });
}

async function signInLoginSession(home: FaultHome): Promise<void> {
  configureLoginSession(home);
  await home.succeed("sso", "login", "work");
}

const onMachine = (home: FaultHome) => {
  home.configure({ credential_source: "Ec2InstanceMetadata" });
  home.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = home.aws.url;
  home.env["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = "3";
  home.aws.world.machine.change({ v2: "only" });
};

/** All calls; one that is missing here, or is not the fake's, fails the test of the table. */
export const CALLS: readonly Call[] = [
  {
    action: "AssumeRole",
    words: ["export", "--no-session", "--format=json", "work"],
    prepare: storeKey({ role_arn: ROLE }),
  },
  { action: "GetSessionToken", words: EXPORT, prepare: storeKey({}) },
  {
    action: "GetFederationToken",
    words: EXPORT,
    prepare: storeKey({ aws_vault_policy_arns: "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
  },
  { action: "GetCallerIdentity", words: ["whoami", "--no-session", "work"], prepare: storeKey({}) },
  {
    action: "AssumeRoot",
    words: EXPORT,
    prepare: storeKey({
      aws_account_id: "444455556666",
      aws_vault_root_task_policy: "S3UnlockBucketPolicy",
    }),
  },
  {
    action: "AssumeRoleWithWebIdentity",
    words: EXPORT,
    prepare: (home) => {
      home.write("token", home.aws.webIdentityToken({ sub: "repo:a" }));
      home.configure({ web_identity_token_file: `${home.path}/token`, role_arn: ROLE });
    },
  },
  {
    action: "AssumeRoleWithSAML",
    words: EXPORT,
    prepare: (home) => {
      home.write("assertion", home.aws.samlAssertion({ roles: [ROLE] }));
      home.configure({ saml_process: `cat ${home.path}/assertion` });
    },
  },
  {
    action: "CreateSession",
    words: EXPORT,
    needs: requireOpenssl(),
    prepare: (home) => {
      using authority = new Authority();
      authority.issue("leaf");
      home.write("all.pem", authority.withChain("leaf") + authority.read("leaf.key"));
      home.configure({
        ...home.aws.world.rolesAnywhere.setUp(authority.root, [ROLE]),
        rolesanywhere_certificate_file: `${home.path}/all.pem`,
      });
    },
  },
  {
    action: "PutToken",
    words: EXPORT,
    prepare: onMachine,
    named: MACHINE,
    // Version 1 is tried then, which this machine refuses.
    exits: {
      ...BY_STATUS,
      "lose-answer": [0, 5],
      close: [0, 5],
      hang: [0, 5],
      "hang-after": [0, 5],
      "hang-instead": [0, 5],
    },
  },
  {
    action: "ListInstanceRoles",
    words: EXPORT,
    prepare: onMachine,
    named: MACHINE,
    exits: BY_STATUS,
  },
  {
    action: "GetInstanceCredentials",
    words: EXPORT,
    prepare: onMachine,
    named: MACHINE,
    exits: BY_STATUS,
  },
  {
    action: "GetContainerCredentials",
    words: EXPORT,
    prepare: (home) => {
      home.configure({ credential_source: "EcsContainer" });
      home.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = `${home.aws.url}/container`;
    },
    named: /credentials of this container|container credentials/,
    exits: BY_STATUS,
  },
  {
    action: "GetIdToken",
    words: ["export", "--format=json", "--oidc", "github", "--role-arn", ROLE],
    prepare: (home) => {
      home.env["ACTIONS_ID_TOKEN_REQUEST_URL"] = `${home.aws.url}/runner/token?api-version=2.0`;
      home.env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = RUNNER_BEARER;
    },
    named: /the identity token of the job|a token of GitHub Actions/,
    exits: {
      throttle: [0, 1],
      "slow-down": [0, 1],
      internal: [0, 1],
      deny: [3, 3],
      refuse: [3, 3],
    },
  },
  {
    action: "Vanity",
    words: LOGIN_BY_CODE,
    prepare: (home) => {
      const portal = `${home.aws.url}/portal-of-the-company`;
      home.write(".aws/config", CONFIG.replace("https://corp.awsapps.com/start", portal));
    },
    named: /access portal/,
    exits: {
      throttle: [0, 1],
      "slow-down": [0, 1],
      internal: [0, 1],
      // An answer that leads nowhere is one.
      "html-200": [1, 1],
      deny: [1, 1],
      refuse: [1, 1],
      // There is no body.
      "cut-body": [0, 0],
      "empty-body": [0, 0],
    },
  },
  { action: "RegisterClient", words: LOGIN_BY_CODE, prepare: configureSso },
  { action: "StartDeviceAuthorization", words: LOGIN_BY_CODE, prepare: configureSso },
  {
    action: "CreateToken",
    by: "device",
    words: LOGIN_BY_CODE,
    prepare: configureSso,
    named: /CreateToken|sso-session "corp"/,
    // Each "slow down" makes the pauses longer, until the code has expired.
    exits: { ...CODE_IS_LOST, "slow-down": [0, 4] },
  },
  {
    action: "CreateToken",
    by: "code",
    words: LOGIN,
    needs: CURL,
    prepare: (home) => {
      configureSso(home);
      home.openBrowser();
    },
    exits: CODE_IS_LOST,
  },
  {
    action: "CreateToken",
    by: "refresh",
    words: ["export", "--no-prompt", "--format=json", "dev"],
    prepare: async (home) => {
      await signIn(home);
      home.pass(9 * 3600_000);
    },
    named: /CreateToken|sso-session "corp"/,
    exits: {
      "cut-body": [4, 1],
      "empty-body": [4, 4],
      "lose-answer": [4, 1],
      "hang-after": [4, 4],
      deny: [4, 4],
    },
  },
  {
    action: "GetRoleCredentials",
    words: ["export", "--format=json", "dev"],
    prepare: signIn,
  },
  { action: "ListAccounts", words: ["sso", "list"], prepare: signIn },
  { action: "ListAccountRoles", words: ["sso", "list"], prepare: signIn },
  {
    action: "Logout",
    words: ["sso", "logout"],
    prepare: signIn,
    // The login is over then, as it should be.
    exits: { "cut-body": [0, 0], "empty-body": [0, 0], "hang-after": [0, 0] },
  },
  {
    action: "CreateOAuth2Token",
    by: "code",
    words: ["sso", "login", "work"],
    needs: CURL,
    prepare: configureLoginSession,
    exits: CODE_IS_LOST,
  },
  {
    action: "CreateOAuth2Token",
    by: "refresh",
    words: EXPORT,
    needs: CURL,
    prepare: async (home) => {
      await signInLoginSession(home);
      home.pass(20 * 60_000);
    },
  },
  {
    action: "RevokeOAuth2TokenWithIAM",
    words: ["sso", "logout", "work"],
    needs: CURL,
    prepare: signInLoginSession,
    // The answer has nothing in it that is needed.
    exits: { "cut-body": [0, 0], "empty-body": [0, 0] },
  },
];
