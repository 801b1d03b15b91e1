import assert from "node:assert/strict";
import { openConfig } from "../config/config_file.ts";
import { resolveProfile } from "../config/profile.ts";
import { MemoryFiles } from "../../tests/fakes/memory_files.ts";
import type { PolicyWishes } from "../session_policies.ts";
import { combineWishes, resolveNarrowing, settleWishes } from "./policies.ts";

const READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const VIEW = "arn:aws:iam::111122223333:policy/view";
const POLICY =
  `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}`;
const COMPACT =
  `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`;
const DENY = `{"Effect":"Deny","Action":"sts:AssumeRole*","Resource":"*"}`;
const env = { get: () => undefined, all: () => ({}) };

/** What flags and settings lead to; an error's message. */
function narrowed(wishes: PolicyWishes, settings = "", files: Record<string, string> = {}) {
  const memory = new MemoryFiles();
  for (const [path, text] of Object.entries(files)) memory.writeWhole(path, text);
  try {
    const config = openConfig(`[profile a]\n${settings}`, "config");
    const { guards } = resolveProfile(config, "a", {
      env,
      activeProfile: "a",
      flags: {},
      sourceSettings: [],
    });
    const platform = {
      os: "linux",
      pid: 1,
      home: "/home/a",
      executable: "aws-vault",
      user: "1",
    } as const;
    return resolveNarrowing({ files: memory, platform }, wishes, guards, "aws");
  } catch (error) {
    return (error as Error).message;
  }
}

Deno.test("resolveNarrowing() takes flags, texts and files", () => {
  assert.equal(narrowed({}), undefined);
  assert.deepEqual(narrowed({ readOnly: true }), {
    policies: { arns: [READ_ONLY] },
    why: "--read-only",
  });
  assert.deepEqual(narrowed({ policyArn: [VIEW], policy: POLICY }), {
    policies: { arns: [VIEW], inline: COMPACT },
    why: "--policy-arn and --policy",
  });
  assert.deepEqual(narrowed({ policy: "p.json" }, "", { "p.json": POLICY }), {
    policies: { arns: [], inline: COMPACT },
    why: "--policy",
  });
});

Deno.test("resolveNarrowing() denies role chaining, and allows the rest only where nothing else allows", () => {
  const inline = (wishes: PolicyWishes) => {
    const found = narrowed(wishes);
    return typeof found === "object" ? found.policies.inline : found;
  };
  const all = `{"Effect":"Allow","Action":"*","Resource":"*"}`;
  const denyRoleChaining = true;
  assert.equal(
    inline({ denyRoleChaining }),
    `{"Version":"2012-10-17","Statement":[${all},${DENY}]}`,
  );
  assert.equal(
    inline({ denyRoleChaining, readOnly: true }),
    `{"Version":"2012-10-17","Statement":[${DENY}]}`,
  );
  assert.equal(
    inline({ denyRoleChaining, policy: POLICY }),
    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},${DENY}]}`,
  );
});

Deno.test("resolveNarrowing() refuses policies that add up, and what is not a policy", () => {
  const addsUp = (one: string, other: string) =>
    `Cannot narrow by ${one} and by ${other} at once: session policies add up, so together they ` +
    "allow more than either";
  const setting = `aws_vault_policy_arns = ${VIEW}`;
  assert.equal(narrowed({ readOnly: true, policy: POLICY }), addsUp("--read-only", "--policy"));
  assert.equal(
    narrowed({ readOnly: true, policyArn: [VIEW] }),
    addsUp("--read-only", "--policy-arn"),
  );
  assert.equal(
    narrowed({ readOnly: true }, setting),
    addsUp("--read-only", "aws_vault_policy_arns (config:2)"),
  );
  const eleven = Array.from({ length: 11 }, (_, i) => `${VIEW}${i}`);
  assert.match(String(narrowed({ policyArn: eleven })), /11 policies, and STS accepts 10/);
  assert.match(String(narrowed({ policyArn: ["ReadOnlyAccess"] })), /is not the ARN of a managed/);
  assert.match(String(narrowed({ policy: "none.json" })), /there is no file "none.json"/);
  assert.match(String(narrowed({ policy: "{}" })), /it has no Statement/);
  assert.match(String(narrowed({ policy: "{" })), /is not JSON/);
  const long = `{"Statement":[],"Id":"${"x".repeat(2048)}"}`;
  assert.match(String(narrowed({ policy: long })), /STS accepts 2048/);
});

Deno.test("a profile's policy is never one of the working folder", () => {
  const files = { "p.json": POLICY, "/home/a/p.json": POLICY };
  assert.match(
    String(narrowed({}, "aws_vault_policy = p.json", files)),
    /aws_vault_policy: "p.json" is neither JSON nor an absolute path/,
  );
  assert.deepEqual(narrowed({}, "aws_vault_policy = ~/p.json", files), {
    policies: { arns: [], inline: COMPACT },
    why: "aws_vault_policy (config:2)",
  });
});

Deno.test("combineWishes() holds both, and never adds up two of different policies", () => {
  const both = (server: PolicyWishes, grant: PolicyWishes) => {
    try {
      return JSON.parse(JSON.stringify(combineWishes(server, grant)));
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.deepEqual(both({}, {}), {});
  assert.deepEqual(both({ readOnly: true }, {}), { readOnly: true, policyArn: [] });
  assert.deepEqual(both({}, { policyArn: [VIEW] }), { policyArn: [VIEW] });
  assert.deepEqual(both({ denyRoleChaining: true }, { readOnly: true }), {
    readOnly: true,
    policyArn: [],
    denyRoleChaining: true,
  });
  assert.deepEqual(both({ policy: COMPACT }, { policy: COMPACT, denyRoleChaining: true }), {
    policyArn: [],
    policy: COMPACT,
    denyRoleChaining: true,
  });
  const start = "Cannot narrow by --read-only of the server and by";
  const end = "at once: session policies add up, so together they allow more than either";
  assert.equal(
    both({ readOnly: true }, { policy: COMPACT }),
    `${start} --policy of the grant ${end}`,
  );
  assert.equal(
    both({ readOnly: true }, { readOnly: true, policyArn: [VIEW] }),
    `${start} --read-only and --policy-arn of the grant ${end}`,
  );
});

Deno.test("settleWishes() reads the file of a policy once", () => {
  const files = new MemoryFiles();
  files.writeWhole("/p.json", POLICY);
  const platform = {
    os: "linux",
    pid: 1,
    home: undefined,
    executable: "aws-vault",
    user: "1",
  } as const;
  const settled = settleWishes({ files, platform }, { policy: "/p.json", readOnly: true });
  assert.deepEqual(settled, { policy: COMPACT, readOnly: true });
  files.writeWhole("/p.json", `\ufeff${POLICY}`);
  assert.deepEqual(settleWishes({ files, platform }, { policy: "/p.json" }), { policy: COMPACT });
  assert.deepEqual(settleWishes({ files, platform }, settled), settled);
  assert.deepEqual(settleWishes({ files, platform }, { readOnly: true }), { readOnly: true });
});
