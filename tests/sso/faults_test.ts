/** Every fault of the fake AWS on every call of a login and of what it gives. */

import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import type { FaultKind } from "../servers/faults.ts";
import { requireService, runs } from "../services.ts";
import { SsoHome } from "./sso_home.ts";

/** What goes wrong twice, and the third try succeeds. */
const SURVIVED: readonly FaultKind[] = [
  "throttle",
  "internal",
  "html-500",
  "html-200",
  "close",
];
/** The call takes effect, but its answer is of no use. */
const LOST: readonly FaultKind[] = ["cut-body", "empty-body", "lose-answer"];

const LOGIN = ["sso", "login", "--sso-device-code"];

interface Case {
  readonly action: string;
  readonly words: readonly string[];
  /** Prepares a home in which the words make the call. */
  readonly prepare?: (home: SsoHome) => Promise<void>;
  /** What comes of a lost answer; success by default. */
  readonly whenLost?: { readonly code: number; readonly said: RegExp };
}

const signIn = async (home: SsoHome) => {
  await home.succeed(...LOGIN);
};

const CASES: readonly Case[] = [
  { action: "RegisterClient", words: LOGIN },
  { action: "StartDeviceAuthorization", words: LOGIN },
  {
    action: "CreateToken",
    words: LOGIN,
    whenLost: {
      code: 5,
      said: /hint: The first answer was lost and has used up the code: sign in/,
    },
  },
  {
    action: "CreateToken",
    words: ["export", "--no-prompt", "dev"],
    prepare: async (home) => {
      await signIn(home);
      home.pass(9 * 3600_000);
    },
    whenLost: { code: 4, said: /hint: Sign in first: aws-vault sso login corp\n$/ },
  },
  { action: "GetRoleCredentials", words: ["export", "dev"], prepare: signIn },
  { action: "ListAccounts", words: ["sso", "list"], prepare: signIn },
  { action: "ListAccountRoles", words: ["sso", "list"], prepare: signIn },
  {
    action: "Logout",
    words: ["sso", "logout"],
    prepare: signIn,
  },
];

for (const { action, words, prepare, whenLost } of CASES) {
  const name = `${action} by ${words.slice(0, 2).join(" ")}`;
  for (const kind of [...SURVIVED, ...action.startsWith("Create") ? [] : ["slow-down"] as const]) {
    Deno.test(`${name} survives "${kind}" twice`, async () => {
      await using home = await SsoHome.with();
      await prepare?.(home);
      home.aws.fault({ kind, action, times: 2 });
      const { code, stderr } = await home.run(...words);
      assert.equal(code, 0, stderr);
    });
  }
  for (const kind of LOST) {
    Deno.test(`${name} with an answer that is lost by "${kind}"`, async () => {
      await using home = await SsoHome.with();
      await prepare?.(home);
      home.aws.fault({ kind, action });
      const { code, stderr } = await home.run(...words);
      assert.equal(code, whenLost?.code ?? 0, stderr);
      assert.match(stderr, whenLost?.said ?? /^/);
    });
  }
  Deno.test(`${name} fails with one error when AWS fails for good`, async () => {
    await using home = await SsoHome.with();
    await prepare?.(home);
    const isRefresh = words.includes("--no-prompt");
    // Polls go on for a while: a person is at it.
    home.aws.fault({
      kind: "html-500",
      action,
      times: action === "CreateToken" && !isRefresh ? 12 : 3,
    });
    const { code, stderr } = await home.run(...words);
    assert.equal(code, 1, stderr);
    assert.equal(stderr.match(/^error: /gm)?.length, 1, stderr);
    assert.match(stderr, /Cannot read the answer of 127\.0\.0\.1:\d+ to |cannot read the answer/);
    assert.doesNotMatch(stderr, /\bat .*\.ts:/);
  });
}

Deno.test("a throttle that does not end is said", async () => {
  await using home = await SsoHome.with();
  await signIn(home);
  home.aws.fault({ kind: "throttle", action: "GetRoleCredentials", times: 3 });
  const { code, stderr } = await home.export();
  assert.equal(code, 5);
  assert.match(
    stderr,
    /TooManyRequestsException.*\nhint: Identity Center answers some 20 requests/,
  );
});

Deno.test("a 401 that a new token does not end is an error, after one attempt", async () => {
  await using home = await SsoHome.with();
  await signIn(home);
  home.aws.takeCalls();
  const refusal = { kind: "refuse", status: 401, code: "UnauthorizedException" } as const;
  home.aws.fault({ ...refusal, action: "GetRoleCredentials", times: 2 });
  const { code } = await home.export();
  assert.equal(code, 5);
  assert.deepEqual(home.aws.takeCalls(), [
    "GetRoleCredentials by nobody -> 401 UnauthorizedException",
    "CreateToken by refresh by client",
    "GetRoleCredentials by nobody -> 401 UnauthorizedException",
  ]);
});

const CURL = requireService("curl", runs("curl", "--version"), "apt install curl");

for (const kind of [...SURVIVED, ...LOST]) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    ...CURL,
    name: `CreateToken with a code of the browser, and "${kind}"`,
    async fn() {
      await using home = await SsoHome.with();
      home.write("browser", '#!/bin/sh\ncurl -sL "$1" > ~/page.new; mv ~/page.new ~/page\n', 0o700);
      home.env["AWS_VAULT_BROWSER"] = `${home.path}/browser`;
      home.aws.fault({ kind, action: "CreateToken" });
      const { code, stderr } = await home.start(["sso", "login"]).finished;
      const isLost = LOST.includes(kind);
      assert.equal(code, isLost ? 5 : 0, stderr);
      if (isLost) assert.match(stderr, /hint: The first answer was lost and has used up the code/);
    },
  });
}
