/**
 * Every call by which a source gets credentials meets every kind of fault: twice, and without an end.
 *
 * `calls.ts` has the rows and the exit codes. Each failure is one error that names the call, and says what
 * to do; nothing is kept of it.
 */

import assert from "node:assert/strict";
import { NOT_ON_WINDOWS } from "../home.ts";
import { FAULT_KINDS, type FaultKind } from "../servers/faults.ts";
import { IAM_ACTIONS } from "../servers/iam.ts";
import { MACHINE_ACTIONS } from "../servers/machine.ts";
import { OIDC_ACTIONS } from "../servers/oidc.ts";
import { ROLES_ANYWHERE_ACTIONS } from "../servers/roles_anywhere.ts";
import { RUNNER_ACTIONS } from "../servers/runner.ts";
import { SIGNIN_ACTIONS } from "../servers/signin.ts";
import { PORTAL_ACTIONS } from "../servers/sso_portal.ts";
import { STS_ACTIONS } from "../servers/sts.ts";
import { type Call, CALLS, EXITS, type Exits } from "./calls.ts";
import { FaultHome } from "./fault_home.ts";

/** More often than anything is tried. */
const ALWAYS = 20;

/** How an error says what went wrong. */
const SAID: Readonly<Record<FaultKind, RegExp>> = {
  throttle: /Throttling|TooManyRequestsException|status 429/,
  "slow-down": /SlowDown|ServiceUnavailableException|status 503|within \d+ minutes/,
  internal: /Internal|status 500/,
  "html-500": /status 500/,
  "html-200": /status 200|lead to|cannot read|not (?:a|the) /,
  "cut-body": /cut off|does not answer|InvalidGrant|AUTHCODE_EXPIRED|has expired/,
  "empty-body": /status 20[01]|InvalidGrant|AUTHCODE_EXPIRED|has expired|not (?:a|the) /,
  "lose-answer":
    /did not answer|does not answer|status 401|InvalidGrant|AUTHCODE_EXPIRED|has expired/,
  close: /did not answer|does not answer|status 401/,
  hang: /did not answer .*in time|does not answer|status 401/,
  "hang-after":
    /did not answer .*in time|does not answer|status 401|InvalidGrant|AUTHCODE_EXPIRED|has expired/,
  "hang-instead": /did not answer .*in time|does not answer|status 401/,
  delay: /^/,
  deny:
    /AccessDenied|Forbidden|INSUFFICIENT_PERMISSIONS|status 40[13]|lead to|was refused|has expired/,
  refuse: /OddException: Odd|status 400|lead to/,
  "known-key": /^/,
};

/** Pages of a browser, and an action that the program does not use. */
const NOT_CALLED = ["ApproveDevice", "Authorize", "AuthorizeSignin", "GetAccessKeyInfo"];

async function meet(call: Call, kind: FaultKind, times: number, exit: number): Promise<void> {
  await using home = await FaultHome.open();
  await call.prepare(home);
  const odd = kind === "refuse" ? { code: "OddException", message: "Odd" } : {};
  home.aws.fault({ kind, action: call.action, times, ms: 1, ...odd });
  const { code, stdout, stderr } = await home.run(...call.words);
  const about = `${kind}, ${times} times: ${stderr}`;
  assert.equal(code, exit, about);
  assert.doesNotMatch(stderr, /\bat .*\.ts:/, about);
  const errors = stderr.match(/^error: .*/gm) ?? [];
  assert.equal(errors.length, code === 0 ? 0 : 1, about);
  const left = home.aws.faults.unused();
  home.aws.faults.clear();
  if (code === 0) {
    if (times === 2 && kind !== "delay") assertUsed(call, kind, left);
    return;
  }
  assert.equal(stdout, "", about);
  assert.match(errors[0]!, call.named ?? new RegExp(`\\b${call.action}\\b`), about);
  assert.match(errors[0]!, SAID[kind], about);
  // What AWS says of a code that nobody knows has to be enough.
  if (kind !== "refuse") assert.match(stderr, /^hint: /m, about);
  // A refresh token whose answer was lost is used up.
  if (call.words[0] === "export" && ![code, call.exits?.[kind]?.[0]].includes(4)) {
    await home.succeed(...call.words);
  }
}

/** Twice is twice, but where the first is as good as an answer. */
function assertUsed({ exits }: Call, kind: FaultKind, left: readonly string[]): void {
  if (exits?.[kind]?.[1] !== 0) assert.deepEqual(left, [], kind);
}

for (const call of CALLS) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    ...call.needs,
    name: `${[call.action, call.by].filter(Boolean).join(" by ")} meets every fault`,
    async fn() {
      for (const kind of FAULT_KINDS) {
        const exits: Exits | undefined = call.exits?.[kind] ?? EXITS[kind];
        if (exits === undefined) continue;
        await meet(call, kind, 2, exits[0]);
        await meet(call, kind, ALWAYS, exits[1]);
      }
    },
  });
}

Deno.test("the table of faults has every call of the fake AWS", () => {
  const services = [OIDC_ACTIONS, SIGNIN_ACTIONS, ROLES_ANYWHERE_ACTIONS, PORTAL_ACTIONS];
  const paths = [...services, RUNNER_ACTIONS].flatMap((table) => Object.values(table));
  const all = [...Object.keys(STS_ACTIONS), ...MACHINE_ACTIONS, ...paths.map(([name]) => name)];
  const called = all.filter((name) => !NOT_CALLED.includes(name)).toSorted();
  assert.deepEqual([...new Set(CALLS.map(({ action }) => action))].toSorted(), called);
});

Deno.test("the table of faults has every call of the program, but for those to IAM", () => {
  const folder = new URL("../../src/aws/", import.meta.url);
  const named = new Set<string>();
  for (const { name } of Deno.readDirSync(folder)) {
    if (name.endsWith("_test.ts")) continue;
    const text = Deno.readTextFileSync(new URL(name, folder));
    for (const [, action] of text.matchAll(/(?:action(?: =|:)|caller,) "([A-Z]\w+)"/g)) {
      named.add(action!);
    }
  }
  assert(named.size > 20, "the calls are not found");
  const known = new Set([...CALLS.map(({ action }) => action), ...Object.keys(IAM_ACTIONS)]);
  assert.deepEqual([...named].filter((name) => !known.has(name)), []);
});
