import { settleWishes } from "../credentials/policies.ts";
import { chooseProfile, planForProfile } from "../credentials/profile_plan.ts";
import { VaultError } from "../errors.ts";
import { type GrantTerms, LONGEST_GRANT_SECONDS } from "../grant_terms.ts";
import { printLines } from "../print.ts";
import type { MissingAnswer } from "../server/control.ts";
import { LEAST_LIFE_SECONDS } from "../renewal_times.ts";
import { asClause, commandLine, quote } from "../text.ts";
import type { CommandContext, GlobalFlags, Invocation, NarrowingFlags } from "./context.ts";
import { type GrantFormat, renderGrant, renderGrants } from "./grant_formats.ts";
import { requireGrantName } from "./grant_name.ts";
import { guardOf } from "./guard_of.ts";
import { confirm, handOut } from "./hand_out.ts";
import { askServer } from "./server_place.ts";

/** The flags of `grant`. */
export interface GrantFlags extends GlobalFlags, NarrowingFlags {
  /** In seconds. */
  readonly for?: number | undefined;
  readonly name?: string | undefined;
  readonly format?: GrantFormat | undefined;
  readonly mfaToken?: string | undefined;
  readonly list?: boolean | undefined;
  readonly revoke?: string | undefined;
}

/** A working day: the lifetime of a grant that nobody remembers to revoke. */
const DEFAULT_SECONDS = 8 * 3600;

/** `grant [PROFILE]`: lets a program read the credentials of one profile from the server of `serve`. */
export async function grant(
  this: CommandContext,
  flags: GrantFlags,
  profile?: string,
): Promise<void> {
  checkFlags(flags, profile);
  const invocation = this.open(flags);
  const { host } = invocation;
  // Tokens are in this process's memory.
  host.native.guardMemory();
  if (flags.list) return await listGrants(invocation, flags);
  if (flags.revoke !== undefined) {
    const { name } = await askServer(host, { do: "revoke", name: flags.revoke });
    return host.talk.say(`Revoked grant ${quote(name)}`);
  }
  const name = chooseProfile(invocation, profile);
  const terms = await termsFor(invocation, flags, name);
  await prepare(invocation, flags, name, terms);
  const region = flags.format === "docker-env"
    ? (await planForProfile(invocation, {}, name)).profile.region
    : undefined;
  const answer = await askServer(host, {
    do: "grant",
    profiles: [name],
    name: flags.name,
    lifetimeSeconds: flags.for ?? DEFAULT_SECONDS,
    terms,
  });
  printLines(host.stdout, renderGrant(flags.format ?? "env", answer, region));
}

/**
 * The terms of the grant: the limits of its flags, and the requesting agent, to whom the server applies the
 * profile's setting. The server cannot detect an agent, and has no person to ask: both are checked here,
 * otherwise a grant would bypass a profile's guard rails.
 */
async function termsFor(
  invocation: Invocation,
  { readOnly, policyArn, policy, denyRoleChaining }: NarrowingFlags,
  name: string,
): Promise<GrantTerms> {
  const wishes = settleWishes(invocation.host, { readOnly, policyArn, policy, denyRoleChaining });
  const { guard, profile } = guardOf(invocation, name, wishes);
  await confirm(invocation, { guard, profile });
  return { ...wishes, agent: guard.agent };
}

function checkFlags(flags: GrantFlags, profile: string | undefined): void {
  const isOther = flags.list || flags.revoke !== undefined;
  if (flags.list && flags.revoke !== undefined) {
    throw new VaultError("bad-usage", "Cannot use --list and --revoke together");
  }
  if (isOther && profile !== undefined) {
    const flag = flags.list ? "--list" : "--revoke";
    throw new VaultError("bad-usage", `Cannot use ${flag} with a profile: it concerns grants`, {
      hints: ["See all grants: aws-vault grant --list"],
    });
  }
  const idle = {
    "--for": flags.for,
    "--name": flags.name,
    "--mfa-token": flags.mfaToken,
    "--read-only": flags.readOnly,
    "--policy-arn": flags.policyArn,
    "--policy": flags.policy,
    "--deny-role-chaining": flags.denyRoleChaining,
  };
  const given = Object.entries(idle).find(([, value]) => value !== undefined)?.[0];
  if (isOther && given !== undefined) {
    throw new VaultError("bad-usage", `Cannot use ${given} here: it is only for a new grant`);
  }
  if (flags.list && flags.format !== undefined && flags.format !== "json") {
    throw new VaultError("bad-usage", "Cannot list grants in this format: use --format json");
  }
  if (flags.for === 0) {
    throw new VaultError(
      "bad-usage",
      "Cannot grant for less than a second: --for must be 1s or more",
    );
  }
  if ((flags.for ?? 0) > LONGEST_GRANT_SECONDS) {
    throw new VaultError("bad-usage", "Cannot grant for more than ten years: give a shorter --for");
  }
  if (flags.name !== undefined) requireGrantName(flags.name, "--name");
}

/**
 * Makes sure that the server has credentials. If it needs a person for them, this command, which has
 * one, obtains them as `export` does, and the server finds them in the cache.
 */
async function prepare(
  invocation: Invocation,
  flags: GrantFlags,
  profile: string,
  terms: GrantTerms,
): Promise<void> {
  const { host } = invocation;
  const first = await askServer(host, { do: "prepare", profile, terms });
  if (first.missing === undefined) return;
  const isPersonNeeded = ["needs-person", "keyring-locked"].includes(first.missing.code);
  if (!isPersonNeeded) throw await revive(first.missing);
  const planned = await planForProfile(invocation, terms, profile);
  // Otherwise the cached credentials could be enough here, but not for the server.
  const recipient = { by: "grant", isConfirmed: true };
  await handOut(invocation, flags, planned, recipient, LEAST_LIFE_SECONDS);
  const second = await askServer(host, { do: "prepare", profile, terms });
  if (second.missing !== undefined) throw await unseen(second.missing, profile);
}

async function revive(missing: MissingAnswer): Promise<VaultError> {
  return (await import("../server/control.ts")).reviveError(missing);
}

/** The server cannot read what this command obtained: its keystore is locked, or a different one. */
async function unseen(missing: MissingAnswer, profile: string): Promise<VaultError> {
  const { code, message } = await revive(missing);
  return new VaultError(code, `The server has no credentials: ${asClause(message)}`, {
    hints: [
      `Start the server where it can use the unlocked keystore, with the same settings: ${
        commandLine(["serve"], profile)
      }`,
    ],
  });
}

async function listGrants({ host }: Invocation, { format }: GrantFlags): Promise<void> {
  const { grants } = await askServer(host, { do: "list" });
  const lines = format === "json"
    ? JSON.stringify(grants, null, 2).split("\n")
    : renderGrants(grants);
  printLines(host.stdout, lines);
}
