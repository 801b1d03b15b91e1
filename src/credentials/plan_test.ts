import assert from "node:assert/strict";
import type { Lifetimes } from "../config/lifetimes.ts";
import type { Profile } from "../config/profile.ts";
import type { CredentialSource } from "./source.ts";
import { planSource } from "./find_source.ts";
import { type Plan, planCredentials } from "./plan.ts";
import { CREDENTIAL_PROCESS } from "./sources/credential_process.ts";
import { STORED_KEY } from "./sources/stored_key.ts";
import { WEB_IDENTITY } from "./sources/web_identity.ts";

const PHONE = "arn:aws:iam::111111111111:mfa/phone";
const TOKEN = "arn:aws:iam::111111111111:mfa/token";
const LIFETIMES: Lifetimes = {
  sessionSeconds: 3600,
  chainedSessionSeconds: 28_800,
  federationSeconds: 3600,
  minTtlSeconds: 300,
};

function profile(name: string, settings: Partial<Profile> = {}): Profile {
  return {
    name,
    isConfigured: true,
    sessionTags: [],
    transitiveTagKeys: [],
    sourceSettings: {},
    cacheEnv: [],
    endpoint: { useFips: false, useDualstack: false },
    noSession: false,
    ...settings,
  };
}

const role = (name: string, settings: Partial<Profile> = {}) =>
  profile(name, { roleArn: `arn:aws:iam::222222222222:role/${name}`, ...settings });

/** The plan as text: `GetSessionToken 28800 phone`, `AssumeRole admin 3600`. */
function calls(plan: Plan): string[] {
  return plan.steps.map((step) =>
    [
      step.action,
      ...(step.action === "AssumeRole" ? [step.profile.name] : []),
      step.durationSeconds,
      ...(step.mfa ? [step.mfa.serial.split("/")[1]] : []),
    ].join(" ")
  );
}

interface Case {
  readonly name: string;
  readonly chain: Profile[];
  /** Where the chain ends; a stored key by default. */
  readonly source?: CredentialSource;
  readonly noSession?: boolean;
  readonly sessionSeconds?: number;
  readonly calls: string[];
  readonly notes?: string[];
}

const key = profile("key", { mfaSerial: PHONE });
const bareKey = profile("key");
const phone = { mfaSerial: PHONE };
const token = { mfaSerial: TOKEN };
const two = { roleDurationSeconds: 7200 };

const CASES: Case[] = [
  { name: "a key without a session", chain: [key], noSession: true, calls: [] },
  { name: "a key", chain: [key], calls: ["GetSessionToken 3600 phone"] },
  { name: "a key without a device", chain: [bareKey], calls: ["GetSessionToken 3600"] },
  {
    name: "a key for longer than AWS allows",
    chain: [key],
    sessionSeconds: 200_000,
    calls: ["GetSessionToken 129600 phone"],
    notes: [
      'The session of profile "key" lasts 36h instead of 55h33m20s: AWS allows 15m to 36h',
    ],
  },
  {
    name: "a role for shorter than AWS allows",
    chain: [role("readonly", { roleDurationSeconds: 300 }), key],
    calls: ["AssumeRole readonly 900"],
    notes: ['The role of profile "readonly" lasts 15m instead of 5m: AWS allows 15m to 12h'],
  },
  {
    name: "a role for longer than AWS allows",
    chain: [role("readonly", { roleDurationSeconds: 180_000 }), key],
    calls: ["AssumeRole readonly 43200"],
    notes: ['The role of profile "readonly" lasts 12h instead of 50h: AWS allows 15m to 12h'],
  },
  {
    name: "a role without a device",
    chain: [role("readonly"), key],
    calls: ["AssumeRole readonly 3600"],
  },
  {
    name: "a role of the key's device",
    chain: [role("admin", phone), key],
    calls: ["GetSessionToken 28800 phone", "AssumeRole admin 3600"],
  },
  {
    name: "a role of the key's device for two hours",
    chain: [role("admin", { ...phone, ...two }), { ...key, ...two }],
    calls: ["AssumeRole admin 7200 phone"],
  },
  {
    name: "a role of a device that the key does not name",
    chain: [role("admin", phone), bareKey],
    calls: ["AssumeRole admin 3600 phone"],
  },
  {
    name: "a role of another device than the key's",
    chain: [role("admin", token), key],
    calls: ["AssumeRole admin 3600 token"],
  },
  {
    name: "roles of two devices",
    chain: [role("role2", token), role("role1", phone), bareKey],
    calls: ["AssumeRole role1 3600 phone", "AssumeRole role2 3600"],
    notes: [
      `The profiles name several MFA devices; only "${PHONE}", the nearest to the key, is shown`,
    ],
  },
  {
    name: "a role from a role",
    chain: [role("role2", phone), role("role1", phone), key],
    calls: ["GetSessionToken 28800 phone", "AssumeRole role1 3600", "AssumeRole role2 3600"],
  },
  {
    name: "a role from a role without a session",
    chain: [role("role2", phone), role("role1", phone), key],
    noSession: true,
    calls: ["AssumeRole role1 3600 phone", "AssumeRole role2 3600"],
  },
  {
    name: "a role with a device from a role without",
    chain: [role("role2", phone), role("role1"), key],
    calls: ["GetSessionToken 28800 phone", "AssumeRole role1 3600", "AssumeRole role2 3600"],
  },
  {
    name: "a role from a role for two hours by flag",
    chain: [role("role2", { ...phone, ...two }), role("role1", { ...phone, ...two }), {
      ...key,
      ...two,
    }],
    calls: ["GetSessionToken 28800 phone", "AssumeRole role1 3600", "AssumeRole role2 3600"],
    notes: [
      'The role of profile "role2" lasts 1h instead of 2h: AWS limits a role that is assumed with a role or a session',
    ],
  },
  {
    name: "a role from a role for two hours by its own setting",
    chain: [role("role2", { ...phone, ...two }), role("role1", phone), key],
    calls: ["GetSessionToken 28800 phone", "AssumeRole role1 3600", "AssumeRole role2 3600"],
    notes: [
      'The role of profile "role2" lasts 1h instead of 2h: AWS limits a role that is assumed with a role or a session',
    ],
  },
  {
    name: "a role from a role for two hours without a device",
    chain: [role("role2", two), role("role1"), key],
    calls: ["AssumeRole role1 7200", "AssumeRole role2 3600"],
    notes: [
      'The role of profile "role2" lasts 1h instead of 2h: AWS limits a role that is assumed with a role or a session',
    ],
  },
  {
    name: "a role from a key that has a role beside it",
    chain: [role("role2", phone), role("key", phone)],
    calls: ["GetSessionToken 28800 phone", "AssumeRole key 3600", "AssumeRole role2 3600"],
  },
  {
    name: "a role with another device from a key that has a role beside it",
    chain: [role("role2", token), role("key", phone)],
    calls: ["AssumeRole key 3600 phone", "AssumeRole role2 3600"],
    notes: [
      `The profiles name several MFA devices; only "${PHONE}", the nearest to the key, is shown`,
    ],
  },
  {
    name: "a key stored for the role's own profile",
    chain: [role("key", { ...phone })],
    calls: ["AssumeRole key 3600 phone"],
  },
  {
    name: "a profile that only names its source",
    chain: [profile("alias"), key],
    calls: ["GetSessionToken 3600"],
    notes: [],
  },
  {
    name: "a role by way of a profile that only names its source",
    chain: [role("admin"), profile("alias", phone), key],
    calls: ["GetSessionToken 28800 phone", "AssumeRole admin 3600"],
  },
  {
    name: "a program's credentials",
    chain: [profile("tool")],
    source: CREDENTIAL_PROCESS,
    calls: [],
  },
  {
    name: "a role beside a program: the role, not what the program gives",
    chain: [role("tool", { ...phone, ...two })],
    source: CREDENTIAL_PROCESS,
    calls: ["AssumeRole tool 3600 phone"],
    notes: [
      'The role of profile "tool" lasts 1h instead of 2h: ' +
      "AWS limits a role that is assumed with a role or a session",
    ],
  },
  {
    name: "a role from a role beside a program",
    chain: [role("admin"), role("tool")],
    source: CREDENTIAL_PROCESS,
    calls: ["AssumeRole tool 3600", "AssumeRole admin 3600"],
  },
  {
    name: "a web identity, which takes its own role",
    chain: [role("job", two)],
    source: WEB_IDENTITY,
    calls: [],
  },
  {
    name: "a role from a web identity, which cannot show an MFA device",
    chain: [role("admin", phone), role("job")],
    source: WEB_IDENTITY,
    calls: ["AssumeRole admin 3600"],
  },
];

Deno.test("planCredentials() takes the mfa_process of the profile behind that shows the device", () => {
  const source = (mfaSerial: string) => profile("key", { mfaSerial, mfaProcess: "source-otp" });
  const cases: [Profile[], string | undefined][] = [
    [[role("admin", phone), source(PHONE)], "source-otp"],
    [[role("admin", { ...phone, mfaProcess: "own-otp" }), profile("key")], "own-otp"],
    [[role("admin", phone), source(TOKEN)], undefined],
  ];
  for (const [chain, expected] of cases) {
    const plan = planCredentials({
      chain,
      source: planSource(STORED_KEY, chain.at(-1)!),
      lifetimes: LIFETIMES,
      useSessions: false,
    });
    assert.equal(plan.steps[0]?.mfa?.mfaProcess, expected);
  }
});

for (const { name, chain, source = STORED_KEY, noSession, sessionSeconds, ...expected } of CASES) {
  Deno.test(`planCredentials() plans ${name}`, () => {
    const plan = planCredentials({
      chain,
      source: planSource(source, chain.at(-1)!),
      lifetimes: { ...LIFETIMES, sessionSeconds: sessionSeconds ?? 3600 },
      useSessions: !noSession,
    });
    assert.deepEqual({ calls: calls(plan), notes: plan.notes }, {
      calls: expected.calls,
      notes: expected.notes ?? [],
    });
  });
}
